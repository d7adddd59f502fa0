/* exec-reset.c - what becomes of everything a process has when it executes a program: its
 * handlers, stacks, timers and names go, what it was asked to ignore, to block and to keep
 * stays (execve(2), POSIX). The program that is executed is this one, which reports. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS = 64, DESCRIPTORS = 64, RUNS = 8, IN_FORCE = 1, QUEUED = 77 };

/* As the call itself has it. */
struct action {
    uint64_t handler, flags, restorer, mask;
};

struct report {
    struct action actions[SIGNALS];
    uint64_t mask, pending;
    int queued; /* the value that came with a queued signal */
    struct itimerval timers[3];
    int timer_error; /* errno of asking for a timer of the old program's */
    char comm[16], directory[64], executable[16];
    uint8_t random[16];
    mode_t umask;
    int nice, group, session, pid, death_signal, no_new_privileges;
    struct rlimit files;
    uint64_t robust_list;
    uint32_t permitted[2]; /* capabilities */
    bool open[DESCRIPTORS];
    bool wires; /* new memory is made resident */
    stack_t alternate;
};

static struct report report;

static void action_read(int signal, struct action *action)
{
    raw6(SYS_rt_sigaction, signal, 0, (long)action, 8, 0, 0);
}

static void signals_report(void)
{
    struct timespec now = {0, 0};
    uint64_t queued = 1ull << (SIGRTMIN + 2 - 1);
    siginfo_t info = {.si_signo = 0};

    for (int signal = 1; signal <= SIGNALS; signal++)
        action_read(signal, &report.actions[signal - 1]);
    raw6(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&report.mask, 8, 0, 0);
    raw3(SYS_rt_sigpending, (long)&report.pending, 8, 0);
    if (raw6(SYS_rt_sigtimedwait, (long)&queued, (long)&info, (long)&now, 8, 0, 0) > 0)
        report.queued = info.si_value.sival_int;
    sigaltstack(NULL, &report.alternate);
}

static void capabilities(long call, uint32_t permitted[2])
{
    uint32_t head[2] = {0x20080522, 0};
    struct {
        uint32_t effective, permitted, inheritable;
    } sets[2] = {{0, permitted[0], 0}, {0, permitted[1], 0}};

    raw3(call, (long)head, (long)sets, 0);
    permitted[0] = sets[0].permitted;
    permitted[1] = sets[1].permitted;
}

static void process_report(void)
{
    size_t size;

    prctl(PR_GET_NAME, report.comm);
    prctl(PR_GET_PDEATHSIG, &report.death_signal);
    report.no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    if (!getcwd(report.directory, sizeof(report.directory)))
        report.directory[0] = 0;
    memcpy(report.random, (void *)getauxval(AT_RANDOM), sizeof(report.random));
    report.umask = umask(0);
    report.nice = getpriority(PRIO_PROCESS, 0);
    report.group = getpgrp();
    report.session = getsid(0);
    report.pid = getpid();
    getrlimit(RLIMIT_NOFILE, &report.files);
    raw3(SYS_get_robust_list, 0, (long)&report.robust_list, (long)&size);
    capabilities(SYS_capget, report.permitted);
}

static int child_report(void)
{
    unsigned char resident[4] = {0};
    struct itimerspec timer;

    signals_report();
    process_report();
    for (int which = 0; which < 3; which++)
        getitimer(which, &report.timers[which]);
    report.timer_error = -raw3(SYS_timer_gettime, 0, (long)&timer, 0);
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        report.open[fd] = fcntl(fd, F_GETFD) >= 0;
    void *memory = mmap(NULL, sizeof(resident) << 12, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mincore(memory, sizeof(resident) << 12, resident);
    report.wires = resident[0] & IN_FORCE;
    return write(1, &report, sizeof(report)) != sizeof(report);
}

/* --- The old program ----------------------------------------------------------------- */

static void handler(int signal)
{
    (void)signal;
}

/* A library keeps some signals for itself, and sigaction() refuses them: whoever started this
 * program may have had them ignored. */
static void handled_by_call(void)
{
    const struct action handled = {
        .handler = (uint64_t)handler, .flags = SA_RESTORER, .restorer = (uint64_t)handler};

    for (int signal = 1; signal <= SIGNALS; signal++)
        raw6(SYS_rt_sigaction, signal, (long)&handled, 0, 8, 0, 0);
}

static void signals_arrange(void)
{
    static char alternate[16384];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    struct sigaction handled = {.sa_handler = handler,
                                .sa_flags = SA_RESTART | SA_ONSTACK | SA_NODEFER};
    sigset_t blocked;

    sigaltstack(&stack, NULL);
    handled_by_call();
    sigfillset(&handled.sa_mask);
    for (int signal = 1; signal <= SIGNALS; signal++)
        sigaction(signal, &handled, NULL);
    handled.sa_handler = SIG_IGN;
    sigaction(SIGHUP, &handled, NULL);
    sigaction(SIGRTMAX, &handled, NULL);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGUSR2);
    sigaddset(&blocked, SIGRTMIN + 2);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    raise(SIGUSR1);
    kill(getpid(), SIGUSR2);
    sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = QUEUED});
}

static void timers_arrange(void)
{
    struct itimerval far = {{1000, 0}, {2000, 0}};
    struct itimerspec soon = {{0, 0}, {1000, 0}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    timer_t timer;

    for (int which = 0; which < 3; which++)
        setitimer(which, &far, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        timer_settime(timer, 0, &soon, NULL);
}

static void process_arrange(void)
{
    struct rlimit files = {123, 456};

    prctl(PR_SET_NAME, "disarranged");
    prctl(PR_SET_PDEATHSIG, SIGWINCH);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    umask(027);
    if (chdir("/tmp") != 0)
        bail("chdir");
    setpriority(PRIO_PROCESS, 0, 7);
    setsid();
    setrlimit(RLIMIT_NOFILE, &files);
    mlockall(MCL_FUTURE);
    raw3(SYS_set_robust_list, (long)(char[24]){0}, 24, 0);
}

/* Where close-on-exec descriptors lie: every call that makes one. */
static unsigned closing_open(int *fds)
{
    unsigned n = 0;

    fds[n++] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    fds[n++] = fcntl(0, F_DUPFD_CLOEXEC, 20);
    fds[n++] = dup3(0, 30, O_CLOEXEC);
    fds[n++] = epoll_create1(EPOLL_CLOEXEC);
    fds[n++] = eventfd(0, EFD_CLOEXEC);
    fds[n++] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    if (pipe2(fds + n, O_CLOEXEC) != 0)
        bail("pipe2");
    n += 2;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds + n) != 0)
        bail("socketpair");
    return n + 2;
}

struct leaving {
    int pipe;
    bool arrange;
};

static int become(void *argument)
{
    const struct leaving *leaving = argument;
    char *argv[] = {"name", "report", NULL}, *envp[] = {NULL};

    dup2(leaving->pipe, 1);
    if (leaving->arrange) {
        signals_arrange();
        timers_arrange();
        process_arrange();
    }
    execve("/proc/self/exe", argv, envp);
    return errno;
}

static bool run(bool arrange, struct report *got)
{
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    struct leaving leaving = {ends[1], arrange};
    int status = child_run(become, &leaving);
    close(ends[1]);
    bool whole = status == 0 && read(ends[0], got, sizeof(*got)) == sizeof(*got);
    close(ends[0]);
    return whole;
}

/* --- What is found ------------------------------------------------------------------- */

static bool bit(uint64_t set, int signal)
{
    return set >> (signal - 1) & 1;
}

static void signals_check(const struct report *got)
{
    bool handlers = true, ignored = true, rest = true;

    for (int signal = 1; signal <= SIGNALS; signal++) {
        const struct action *action = &got->actions[signal - 1];
        bool kept = signal == SIGHUP || signal == SIGRTMAX;

        handlers = handlers && (kept || action->handler == (uint64_t)SIG_DFL);
        ignored = ignored && (!kept || action->handler == (uint64_t)SIG_IGN);
        rest = rest && action->flags == 0 && action->restorer == 0 && action->mask == 0;
    }
    check(handlers, "no handler of the old program's is left");
    check(ignored, "what it ignored is ignored");
    check(rest, "nothing else of the actions is left: flags, masks, restorers");
    check(bit(got->mask, SIGUSR1) && bit(got->mask, SIGUSR2) && !bit(got->mask, SIGTERM),
          "blocked signals are blocked");
    check(bit(got->pending, SIGUSR1), "a signal that waited for the thread waits");
    check(bit(got->pending, SIGUSR2), "one that waited for the process as well");
    check_equal(got->queued, QUEUED, "and a queued one with its value");
    check(got->alternate.ss_flags == SS_DISABLE && got->alternate.ss_sp == NULL &&
              got->alternate.ss_size == 0,
          "the alternate stack is gone");
}

static void timers_check(const struct report *got)
{
    static const char *const names[] = {"ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF"};

    for (int which = 0; which < 3; which++) {
        const struct itimerval *timer = &got->timers[which];

        check(timer->it_value.tv_sec > 1900 && timer->it_interval.tv_sec == 1000,
              "%s runs on", names[which]);
    }
    check_equal(got->timer_error, EINVAL, "timers of timer_create are gone");
}

static void process_check(const struct report *got)
{
    struct report plain;

    check(strcmp(got->comm, "exe") == 0, "the name is the file's");
    check_equal(got->death_signal, SIGWINCH, "the signal at the parent's death is kept");
    check_equal(got->no_new_privileges, 1, "no_new_privs is kept");
    check_equal(got->umask, 027, "the umask is kept");
    check(strcmp(got->directory, "/tmp") == 0, "the directory is kept");
    check_equal(got->nice, 7, "the priority is kept");
    check(got->group == got->pid && got->session == got->pid, "group and session are kept");
    check(got->files.rlim_cur == 123 && got->files.rlim_max == 456, "limits are kept");
    check_equal(got->robust_list, 0, "the list of robust locks is gone");
    check(!got->wires, "mlockall(MCL_FUTURE) is over");
    check(run(false, &plain) && plain.mask == 0 && plain.pending == 0 &&
              plain.no_new_privileges == 0 && plain.death_signal == 0 &&
              plain.timers[0].it_value.tv_sec == 0,
          "without all that there is none of it");
}

static void test_descriptors(void)
{
    struct report got;
    int closing[16], kept = open("/dev/null", O_RDONLY);
    unsigned count = closing_open(closing);
    bool closed = true, here = true;

    if (!check(run(false, &got), "with descriptors that close on exec"))
        return;
    for (unsigned i = 0; i < count; i++) {
        closed = closed && closing[i] > 2 && !got.open[closing[i]];
        here = here && fcntl(closing[i], F_GETFD) == FD_CLOEXEC;
        close(closing[i]);
    }
    check(closed, "the new program has none of them");
    check(here, "the old one all");
    check(got.open[0] && got.open[1] && got.open[2] && got.open[kept],
          "the others are open in both");
    close(kept);
}

static int drop_and_become(void *argument)
{
    uint32_t none[2] = {0, 0};

    capabilities(SYS_capset, none);
    return become(argument);
}

/* What root gave up, its next program has again; not if it must gain nothing. */
static void test_capabilities(void)
{
    struct report got, plain;
    int ends[2];

    if (!run(false, &plain) || pipe(ends) != 0)
        bail("a run");
    for (int arrange = 0; arrange < 2; arrange++) {
        struct leaving leaving = {ends[1], arrange};
        bool whole = child_run(drop_and_become, &leaving) == 0 &&
                     read(ends[0], &got, sizeof(got)) == sizeof(got);
        uint32_t expected = arrange ? 0 : plain.permitted[0];
        check(whole && got.permitted[0] == expected,
              "capabilities that were given up are %s",
              arrange ? "not back under no_new_privs" : "back in the next program");
    }
    check(plain.permitted[0] != 0, "which has some");
    close(ends[0]), close(ends[1]);
}

/* Sixteen bytes that no program shares with the one before. */
static void test_random(void)
{
    static struct report got[RUNS];
    unsigned same = 0, constant = 0;

    for (int i = 0; i < RUNS; i++)
        if (!run(false, &got[i]))
            bail("a run");
    for (int i = 0; i < RUNS; i++)
        for (int k = 0; k < i; k++)
            same += memcmp(got[i].random, got[k].random, 16) == 0;
    for (int byte = 0; byte < 16; byte++) {
        bool differs = false;

        for (int i = 1; i < RUNS; i++)
            differs = differs || got[i].random[byte] != got[0].random[byte];
        constant += !differs;
    }
    check_equal(same, 0, "no two programs get the same AT_RANDOM");
    check_equal(constant, 0, "nor the same byte anywhere in it each time");
}

/* --- What others share with who executes --------------------------------------------- */

static volatile int thread_word;

static int thread_become(void *argument)
{
    int *pipe_end = argument;
    char *argv[] = {"name", "report", NULL}, *envp[] = {NULL};

    dup2(*pipe_end, 1);
    execve("/proc/self/exe", argv, envp);
    _exit(1);
}

/* A child in the same memory: its word is cleared when it leaves that for a program. */
static void test_shared(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    static struct report got;
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    thread_word = 1;
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    pid_t child = clone(thread_become, stack + sizeof(stack),
                        CLONE_VM | CLONE_CHILD_CLEARTID | SIGCHLD, &ends[1], NULL, NULL,
                        (int *)&thread_word);
    check(child > 0 && read(ends[0], &got, sizeof(got)) == sizeof(got),
          "a child that shares memory executes a program");
    check_equal(thread_word, 0, "the word of CLONE_CHILD_CLEARTID is cleared");
    child_wait(child);
    close(ends[0]), close(ends[1]);
}

/* From then on its group is its own affair. */
static void test_group(void)
{
    char *argv[] = {"name", "stay", NULL}, *envp[] = {NULL}, byte;
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 1);
        execve("/proc/self/exe", argv, envp);
        _exit(1);
    }
    check(read(ends[0], &byte, 1) == 1 && setpgid(child, child) == -1 && errno == EACCES,
          "the parent can no longer move it to another group: EACCES");
    kill(child, SIGKILL);
    child_wait(child);
    close(ends[0]), close(ends[1]);
}

static int stay(void *argument)
{
    char *argv[] = {"name", "stay", "silently", NULL}, *envp[] = {NULL};

    (void)argument;
    execve("/proc/self/exe", argv, envp);
    _exit(1);
}

/* A child with its parent's files, for which the parent waits until it has a program: then
 * the files are two, and what closes on exec is closed in one of them; and the parent goes on
 * while the program runs. */
static void test_files_shared(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    int closing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pid_t child = clone(stay, stack + sizeof(stack),
                        CLONE_VM | CLONE_FILES | CLONE_VFORK | SIGCHLD, NULL);

    check(child > 0 && kill(child, 0) == 0 && waitpid(child, NULL, WNOHANG) == 0,
          "who waits by CLONE_VFORK goes on when the child has a program");
    check(fcntl(closing, F_GETFD) == FD_CLOEXEC, "files shared with it are shared no more");
    kill(child, SIGKILL);
    child_wait(child);
    close(closing);
}

int main(int argc, char *argv[])
{
    static struct report got;

    if (argc > 1 && strcmp(argv[1], "report") == 0)
        return child_report();
    if (argc > 1)
        return argc > 2 || write(1, "\n", 1) == 1 ? pause() : 1;
    for (int signal = 1; signal <= SIGNALS; signal++)
        (void)sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    if (!check(run(true, &got), "the new program reports"))
        return tap_end();
    signals_check(&got);
    timers_check(&got);
    process_check(&got);
    test_descriptors();
    test_capabilities();
    test_random();
    test_shared();
    test_group();
    test_files_shared();
    return tap_end();
}
