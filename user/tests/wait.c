/* wait.c - how processes end and how their parents hear of it. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY    100 /* pages */
#define WORK_MS 30

static struct turns turns;
static volatile long *told;

static int exit_with(void *status)
{
    return *(int *)status;
}

static int wait_for_word(void *unused)
{
    (void)unused;
    turn_of_parent(&turns);
    return 6;
}

static int sleep_for_ever(void *unused)
{
    (void)unused;
    while (pause() < 0)
        ;
    return 0;
}

static int kill_self(void *signal)
{
    raise(*(int *)signal);
    return 0;
}

static void test_statuses(void)
{
    static const int exits[] = {0, 1, 127, 255, 256 + 7};
    static const int signals[] = {SIGTERM, SIGKILL, SIGABRT, SIGUSR1, SIGPIPE};

    for (int i = 0; i < 5; i++) {
        int status = child_run(exit_with, (void *)&exits[i]);

        check(WIFEXITED(status) && WEXITSTATUS(status) == (exits[i] & 255),
              "exit(%d) is told as %d", exits[i], exits[i] & 255);
    }
    for (int i = 0; i < 5; i++) {
        int status = child_run(kill_self, (void *)&signals[i]);

        check(WIFSIGNALED(status) && WTERMSIG(status) == signals[i],
              "death by signal %d is told", signals[i]);
    }
}

static void test_nohang(void)
{
    int status;

    turns_open(&turns);
    pid_t child = child_start(wait_for_word, NULL);
    check_equal(waitpid(child, &status, WNOHANG), 0, "WNOHANG: 0 while the child lives");
    turn_to_child(&turns, 'x');
    check_equal(waitpid(child, &status, 0), child, "then it is waited for");
    check_equal(WEXITSTATUS(status), 6, "with its status");
    turns_close(&turns);
}

static void test_choice(void)
{
    int one = 1, two = 2, status;
    struct rusage usage;

    check(waitpid(-1, &status, 0) == -1 && errno == ECHILD, "no children: ECHILD");
    pid_t first = child_start(exit_with, &one);
    pid_t second = child_start(exit_with, &two);
    check(waitpid(second, &status, 0) == second && WEXITSTATUS(status) == 2,
          "one child is waited for by its pid");
    check(waitpid(second, &status, 0) == -1 && errno == ECHILD, "but only once");
    check(wait4(-1, &status, 0, &usage) == first && WEXITSTATUS(status) == 1,
          "any child by -1, with its usage");
    check(waitpid(getppid(), &status, 0) == -1 && errno == ECHILD,
          "a process that is no child: ECHILD");
    check(waitpid(first, &status, 0x4000) == -1 && errno == EINVAL,
          "unknown options: EINVAL");
}

static void test_groups(void)
{
    int one = 1, status;
    pid_t child = child_start(wait_for_word, NULL);

    (void)one;
    check_equal(kill(child, 0), 0, "signal 0 finds a living child");
    check_equal(setpgid(child, child), 0, "setpgid of a child");
    check_equal(getpgid(child), child, "getpgid tells it");
    kill(-child, SIGKILL);
    check(waitpid(-child, &status, 0) == child && WTERMSIG(status) == SIGKILL,
          "a group is killed and waited for by its negative number");
    check(kill(child, 0) == -1 && errno == ESRCH, "it is no more: ESRCH");
}

static int parent_dies(void *unused)
{
    (void)unused;
    told[1] = getpid();
    pid_t grandchild = fork();

    if (grandchild == 0) {
        turn_of_parent(&turns);
        while (getppid() == told[1])
            usleep(1000);
        told[0] = getppid();
        turn_to_parent(&turns, 'y');
        _exit(0);
    }
    return grandchild < 0;
}

static void test_orphan(void)
{
    turns_open(&turns);
    child_run(parent_dies, NULL);
    turn_to_child(&turns, 'x');
    turn_of_child(&turns);
    check(told[0] != told[1] && told[0] > 0, "an orphan gets another parent");
    if (on_faultline())
        check_equal(told[0], 1, "process 1");
    turns_close(&turns);
}

static void test_stop(void)
{
    int status;
    pid_t child = child_start(sleep_for_ever, NULL);

    kill(child, SIGSTOP);
    check_equal(waitpid(child, &status, WUNTRACED), child, "WUNTRACED: a stopped child");
    check(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP, "stopped by SIGSTOP");
    check_equal(waitpid(child, &status, WNOHANG), 0, "without WUNTRACED it is just alive");
    kill(child, SIGCONT);
    check_equal(waitpid(child, &status, WCONTINUED), child, "WCONTINUED: it runs again");
    check(WIFCONTINUED(status), "and that is told");
    kill(child, SIGSTOP);
    check_equal(waitpid(child, &status, WUNTRACED), child, "stopped again");
    kill(child, SIGHUP), kill(child, SIGKILL);
    siginfo_t info;
    check(waitid(P_PID, (id_t)child, &info, WEXITED | WCONTINUED | WNOWAIT) == 0 &&
              info.si_code == CLD_KILLED && info.si_status == SIGKILL,
          "SIGKILL ends a stopped process, before all that waits, and it does not go on");
    check(waitid(P_PID, (id_t)child, &info, WSTOPPED) == -1 && errno == ECHILD,
          "one that has ended is not waited for to stop");
    check(child_wait(child) == SIGKILL, "which ends it");
}

static volatile sig_atomic_t children_ended;

static void on_child(int signal)
{
    (void)signal;
    children_ended++;
}

static void test_sigchld(void)
{
    int zero = 0;
    struct sigaction action = {.sa_handler = on_child, .sa_flags = SA_RESTART};

    sigaction(SIGCHLD, &action, NULL);
    child_run(exit_with, &zero);
    check_equal(children_ended, 1, "SIGCHLD when a child ends");
    signal(SIGCHLD, SIG_IGN);
    pid_t child = child_start(exit_with, &zero);
    check(waitpid(child, NULL, 0) == -1 && errno == ECHILD,
          "with SIGCHLD ignored children vanish by themselves");
    signal(SIGCHLD, SIG_DFL);
}

/* SIGCHLD is blocked, and waited for: is it sent, and does the child stay to be asked for? */
static void test_sigchld_awaited(const char *words, void (*handler)(int), int flags,
                                 bool sent, bool stays)
{
    int zero = 0;
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    struct timespec soon = {0, 50000000};
    sigset_t set;

    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t child = child_start(exit_with, &zero);
    check_equal(sigtimedwait(&set, NULL, &soon), sent ? SIGCHLD : -1,
                "SIGCHLD %s, blocked: %s", words, sent ? "it comes" : "nothing comes");
    check_equal(waitpid(child, NULL, 0), stays ? child : -1, "and the child %s",
                stays ? "stays to be waited for" : "has gone by itself");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGCHLD, SIG_DFL);
}

/* The handler runs, and does not begin calls anew; but there is somebody to tell of. */
static void test_sigchld_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_child};
    int status = 0;
    sigaction(SIGCHLD, &action, NULL);
    pid_t child = fork();
    if (child == 0) {
        usleep(2000);
        _exit(5);
    }
    check(waitpid(child, &status, 0) == child && status == 5 << 8,
          "who is woken by a child's end is told of it, whatever its signal does");
    child = fork();
    if (child == 0)
        for (;;)
            raise(SIGSTOP);
    check(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status),
          "and of its stop");
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    signal(SIGCHLD, SIG_DFL);
}

static void test_sigchld_blocked(void)
{
    test_sigchld_awaited("ignored", SIG_IGN, 0, false, false);
    test_sigchld_awaited("ignored, SA_NOCLDWAIT", SIG_IGN, SA_NOCLDWAIT, false, false);
    test_sigchld_awaited("as at first", SIG_DFL, 0, true, true);
    test_sigchld_awaited("as at first, SA_NOCLDWAIT", SIG_DFL, SA_NOCLDWAIT, true, false);
    test_sigchld_awaited("handled", on_child, 0, true, true);
    test_sigchld_awaited("handled, SA_NOCLDWAIT", on_child, SA_NOCLDWAIT, true, false);
}

/* --- An orphan's end -------------------------------------------------------------------------- */

static volatile sig_atomic_t others_signals;

static void on_other(int signal)
{
    (void)signal;
    others_signals++;
}

/* Leaves a child whose end it wanted to be told by SIGUSR1; that one ends when it may. */
static int orphan_leave(void *unused)
{
    (void)unused;
    long child = raw6(SYS_clone, SIGUSR1, 0, 0, 0, 0, 0);
    if (child == 0) {
        while (!told[1])
            usleep(1000);
        _exit(6);
    }
    told[0] = child;
    return 0;
}

static void test_orphan_signal(void)
{
    int status = 0;

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGCHLD, on_child);
    signal(SIGUSR1, on_other);
    told[0] = told[1] = 0;
    child_run(orphan_leave, NULL);
    children_ended = others_signals = 0;
    told[1] = 1;
    check(waitpid((pid_t)told[0], &status, 0) == told[0] && status == 6 << 8,
          "an orphan is its new parent's child like any other");
    check(children_ended == 1 && others_signals == 0,
          "who is told of its end by SIGCHLD, whatever the old one had wanted");
    signal(SIGCHLD, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
}

static void test_waitid(void)
{
    int seven = 7;
    siginfo_t info = {0};
    pid_t child = child_start(exit_with, &seven);

    check(waitid(P_PID, child, &info, WEXITED | WNOWAIT) == 0 && info.si_pid == child &&
              info.si_status == 7 && info.si_code == CLD_EXITED,
          "waitid tells how");
    check_equal(WEXITSTATUS(child_wait(child)), 7,
                "WNOWAIT leaves the child to be waited for");
}

/* Wants to hear of its parent's end, says that it does, and waits. */
static int hear_of_parent(void *unused)
{
    sigset_t set;
    siginfo_t info;

    (void)unused;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    told[0] = 1;
    told[2] = sigtimedwait(&set, &info, &(struct timespec){20, 0}) == SIGUSR1 &&
              info.si_pid == told[1];
    turn_to_parent(&turns, 'h');
    return 0;
}

static int leave_child(void *unused)
{
    (void)unused;
    told[1] = getpid();
    child_start(hear_of_parent, NULL);
    while (!told[0])
        usleep(1000);
    return 0;
}

static void test_death_signal(void)
{
    told[0] = told[1] = told[2] = 0;
    turns_open(&turns);
    child_run(leave_child, NULL);
    turn_of_child(&turns);
    check(told[2], "PR_SET_PDEATHSIG: who asked hears that its parent has ended");
    turns_close(&turns);
}

/* --- What is kept, and what adds up --------------------------------------------------- */

static int stops(void *unused)
{
    (void)unused;
    raise(SIGSTOP);
    return 0;
}

static void test_kept(void)
{
    pid_t child = child_start(stops, NULL);
    siginfo_t info;
    bool kept = true;

    for (int i = 0; i < 3; i++)
        kept = waitid(P_PID, (id_t)child, &info, WSTOPPED | (i < 2 ? WNOWAIT : 0)) == 0 &&
               info.si_code == CLD_STOPPED && kept;
    check(kept, "WNOWAIT leaves a stop to be told again");
    kill(child, SIGKILL);
    child_wait(child);
}

static int touches_and_works(void *unused)
{
    struct timespec time;
    volatile char *pages =
        mmap(NULL, MANY * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)unused;
    for (long i = 0; i < MANY; i++)
        pages[i * 4096] = 1;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    while (time.tv_sec == 0 && time.tv_nsec < WORK_MS * 1000000l);
    return 0;
}

static int by_a_child(void *unused)
{
    return child_run(touches_and_works, unused);
}

static long ms_of(const struct rusage *usage)
{
    return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 +
           (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

static void test_usage(void)
{
    struct rusage before, after;

    getrusage(RUSAGE_CHILDREN, &before);
    check_equal(child_run(by_a_child, NULL), 0, "a child's child works");
    getrusage(RUSAGE_CHILDREN, &after);
    check(ms_of(&after) - ms_of(&before) >= WORK_MS - 5,
          "its time is its grandparent's children's");
    check(after.ru_minflt - before.ru_minflt >= MANY, "and so are its faults");
}

int main(void)
{
    told = shared_page();
    test_statuses();
    test_nohang();
    test_choice();
    turns_open(&turns);
    test_groups();
    turns_close(&turns);
    test_orphan();
    test_stop();
    test_sigchld();
    test_sigchld_interrupts();
    test_sigchld_blocked();
    test_orphan_signal();
    test_death_signal();
    test_waitid();
    test_kept();
    test_usage();
    return tap_end();
}
