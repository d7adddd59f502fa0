/* signal-rules.c - what signals do to each other, and what a handler's frame must be given: rules
 * that no program names, and that all count on (signal(7), POSIX 2.4.3). */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static void handle_with(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};

    sigaction(signal, &action, NULL);
}

static void send_thread(int signal)
{
    raw3(SYS_tgkill, getpid(), raw3(SYS_gettid, 0, 0, 0), signal);
}

static void send_process(int signal)
{
    kill(getpid(), signal);
}

/* --- Stopping and going on cancel each other ------------------------------------------------ */

static bool is_pending(int signal)
{
    sigset_t set;

    sigpending(&set);
    return sigismember(&set, signal);
}

static void test_cancelled(void (*send)(int), const char *whom)
{
    static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};
    bool waited = true, gone = true, back = true;
    sigset_t set, before;

    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, &before);
    for (unsigned i = 0; i < 3; i++) {
        send(stops[i]);
        waited = waited && is_pending(stops[i]);
        send(SIGCONT);
        gone = gone && !is_pending(stops[i]);
        waited = waited && is_pending(SIGCONT);
        send(stops[i]);
        back = back && !is_pending(SIGCONT);
        send(SIGCONT);
    }
    check(waited, "blocked, stops and SIGCONT wait (%s)", whom);
    check(gone, "SIGCONT takes back the stops that wait (%s)", whom);
    check(back, "and a stop the SIGCONT that waits (%s)", whom);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

/* --- Who is stopped --------------------------------------------------------------------------- */

struct group {
    bool own_session, own_group;
    int signal;
};

static int stop_oneself(void *argument)
{
    const struct group *group = argument;

    if (group->own_session)
        setsid();
    if (group->own_group)
        setpgid(0, 0);
    raise(group->signal);
    return 7;
}

/* The signal that it stopped by, or -1: it ended. */
static int stopped_by(struct group group)
{
    pid_t child = child_start(stop_oneself, &group);
    int status = 0, signal = -1;

    waitpid(child, &status, WUNTRACED);
    if (WIFSTOPPED(status)) {
        signal = WSTOPSIG(status);
        kill(child, SIGCONT);
        waitpid(child, &status, 0);
    }
    check_equal(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 7, "afterwards it goes on");
    return signal;
}

static void test_orphaned(void)
{
    static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU};

    for (unsigned i = 0; i < 3; i++) {
        check_equal(stopped_by((struct group){false, true, stops[i]}), stops[i],
                    "%s stops who has somebody to let it go on", strsignal(stops[i]));
        check_equal(stopped_by((struct group){true, false, stops[i]}), -1,
                    "in an orphaned process group it stops nobody");
    }
    check_equal(stopped_by((struct group){true, false, SIGSTOP}), SIGSTOP,
                "SIGSTOP stops there, too");
}

/* --- In which order ------------------------------------------------------------------------- */

static volatile uintptr_t interrupted;
static volatile bool first_seen;

/* Both handlers' frames are on the stack before the first instruction of either: the frame of
 * whose signal came second says that it interrupted the other handler. */
static void second(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    interrupted = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
}

static void first(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    first_seen = true;
}

static void test_synchronous(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
    sigset_t set, before;

    handle_with(SIGHUP, second, 0);
    sigfillset(&set);
    for (unsigned i = 0; i < 6; i++) {
        interrupted = first_seen = 0;
        handle_with(faults[i], first, 0);
        sigprocmask(SIG_BLOCK, &set, &before);
        send_thread(SIGHUP);
        send_thread(faults[i]);
        sigprocmask(SIG_SETMASK, &before, NULL);
        check(first_seen && interrupted == (uintptr_t)first,
              "%s is delivered before a signal of a lower number", strsignal(faults[i]));
        signal(faults[i], SIG_DFL);
    }
    signal(SIGHUP, SIG_DFL);
}

/* --- What a handler's frame must be given, and gives back ----------------------------------- */

/* As the call itself has it; and the way back that a library would name in it. */
struct action {
    uint64_t handler, flags, restorer, mask;
};
enum { RESTORER = 0x04000000 };

void way_back(void);
__asm__("way_back: mov $15, %eax; syscall");

static void do_nothing(int signal)
{
    (void)signal;
}

static int handle_raw(void *argument)
{
    const struct action action = {(uint64_t)do_nothing, *(uint64_t *)argument,
                                  (uint64_t)way_back, 0};

    raw6(SYS_rt_sigaction, SIGUSR1, (long)&action, 0, 8, 0, 0);
    raise(SIGUSR1);
    return 7;
}

static void test_restorer(void)
{
    uint64_t with = RESTORER, without = 0;
    int status = child_run(handle_raw, &with);

    check(WIFEXITED(status) && WEXITSTATUS(status) == 7, "with SA_RESTORER a handler runs");
    status = child_run(handle_raw, &without);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
          "without it there is no way back from a handler: SIGSEGV");
}

/* All roundings and precisions but the usual ones. */
static const uint32_t odd_mxcsr = 0xff80;
static const uint16_t odd_control = 0x007f;

static void fpu_odd(void)
{
    __asm__ volatile("ldmxcsr %0; fldcw %1" ::"m"(odd_mxcsr), "m"(odd_control));
}

static void forget_fpu(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    fpu_odd();
    ((ucontext_t *)context)->uc_mcontext.fpregs = NULL;
}

static void test_fpu(void)
{
    const uint32_t usual_mxcsr = 0x1f80;
    const uint16_t usual_control = 0x37f;
    uint32_t mxcsr = 0;
    uint16_t control = 0;

    handle_with(SIGUSR1, forget_fpu, 0);
    fpu_odd();
    raise(SIGUSR1);
    __asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(control));
    __asm__ volatile("ldmxcsr %0; fldcw %1" ::"m"(usual_mxcsr), "m"(usual_control));
    check_equal(mxcsr, usual_mxcsr, "a frame without an FPU's state: MXCSR is reset");
    check_equal(control, usual_control, "and the x87's control word");
    signal(SIGUSR1, SIG_DFL);
}

static volatile int undefined;

/* RAX looks like a call that a signal cut short; and one that nobody handles is waiting. */
static void look_interrupted(int signal, siginfo_t *info, void *context)
{
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)signal, (void)info;
    registers[REG_RIP] += 2;
    registers[REG_RAX] = -EINTR;
    if (undefined++ == 0)
        send_thread(SIGWINCH);
}

static void test_no_call(void)
{
    struct sigaction action = {.sa_sigaction = look_interrupted, .sa_flags = SA_SIGINFO};
    long result = 0;

    sigfillset(&action.sa_mask);
    sigaction(SIGILL, &action, NULL);
    __asm__ volatile("ud2" : "+a"(result) : : "rcx", "r11", "memory");
    check_equal(result, -EINTR, "a frame's RAX is no call's result");
    check_equal(undefined, 1, "and no instruction is run again for it");
    signal(SIGILL, SIG_DFL);
}

static void return_nowhere(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] = 0x800000000000;
}

static void tell_protection(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    _exit(info->si_code == SI_KERNEL && info->si_addr == NULL ? 7 : 8);
}

static int go_nowhere(void *argument)
{
    (void)argument;
    handle_with(SIGUSR1, return_nowhere, 0);
    handle_with(SIGSEGV, tell_protection, 0);
    raise(SIGUSR1);
    return 9;
}

/* --- The red zone --------------------------------------------------------------------- */

/* Fill the 128 bytes below RSP, send ourselves `signal`; how many of the 16 words are as before. */
long red_zone_across(long pid, long signal);
__asm__("red_zone_across:\n"
        "    mov %rsi, %r9; mov %rdi, %r8; mov $-16, %rcx\n"
        "1:  mov %rcx, (%rsp,%rcx,8); inc %rcx; jnz 1b\n"
        "    mov %r8, %rdi; mov %r9, %rsi; mov $62, %eax; syscall\n"
        "    xor %eax, %eax; mov $-16, %rcx\n"
        "2:  cmp %rcx, (%rsp,%rcx,8); jne 3f; inc %eax\n"
        "3:  inc %rcx; jnz 2b; ret\n");

static volatile long words_kept;

static void send_within(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    words_kept = red_zone_across(getpid(), SIGUSR2);
}

static void test_red_zone(void)
{
    static char alternate[32768];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};

    handle_with(SIGUSR2, first, 0);
    check_equal(red_zone_across(getpid(), SIGUSR2), 16,
                "a handler leaves the red zone alone");
    handle_with(SIGUSR1, send_within, 0);
    raise(SIGUSR1);
    check_equal(words_kept, 16, "one within another does");
    sigaltstack(&stack, NULL);
    handle_with(SIGUSR2, first, SA_ONSTACK);
    handle_with(SIGUSR1, send_within, SA_ONSTACK);
    words_kept = 0;
    raise(SIGUSR1);
    check_equal(words_kept, 16, "on an alternate stack as well");
    signal(SIGUSR1, SIG_DFL), signal(SIGUSR2, SIG_DFL);
}

/* --- Overruns ------------------------------------------------------------------------- */

static volatile int told_overruns;

static void count_overruns(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    told_overruns = info->si_overrun;
}

/* Every expiry is either the signal or one of its overruns. */
static void test_overruns(clockid_t clock, const char *name)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {{0, 10000000}, {0, 10000000}}, left;
    struct timespec begin, now;
    sigset_t set;
    timer_t timer;

    handle_with(SIGUSR1, count_overruns, 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (timer_create(clock, &event, &timer) != 0)
        bail("timer_create");
    clock_gettime(clock, &begin);
    timer_settime(timer, 0, &often, NULL);
    do {
        clock_gettime(clock, &now);
        now.tv_nsec += (now.tv_sec - begin.tv_sec) * 1000000000l - begin.tv_nsec;
    } while (now.tv_nsec < 105000000);
    told_overruns = -1;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    timer_gettime(timer, &left);
    if (now.tv_nsec < 109000000) {
        check_equal(told_overruns, 9, "ten times: a signal and nine overruns (%s)", name);
        check_equal(timer_getoverrun(timer), 9, "as timer_getoverrun says (%s)", name);
    } else {
        check_skip("others ran meanwhile", "overruns (%s)", name);
        check_skip("others ran meanwhile", "timer_getoverrun (%s)", name);
    }
    timer_delete(timer);
    signal(SIGUSR1, SIG_DFL);
}

/* --- Nobody --------------------------------------------------------------------------- */

static int returns(void *unused)
{
    (void)unused;
    return 0;
}

/* Who is not there is told before that there is no such signal; who has ended is there. */
static void test_nobody(void)
{
    enum { NOBODY = 99999999, NONE = 65 };
    siginfo_t info = {.si_code = SI_QUEUE};
    pid_t child = child_start(returns, NULL), us = getpid();

    check_equal(raw3(SYS_kill, NOBODY, NONE, 0), -ESRCH, "kill: nobody");
    check_equal(raw3(SYS_kill, -NOBODY, NONE, 0), -ESRCH, "no group");
    check_equal(raw3(SYS_kill, us, NONE, 0), -EINVAL, "no signal");
    check_equal(raw3(SYS_kill, 0, NONE, 0), -EINVAL, "for the group, neither");
    check_equal(raw3(SYS_tkill, NOBODY, NONE, 0), -ESRCH, "tkill: nobody");
    check_equal(raw3(SYS_tgkill, NOBODY, NOBODY, NONE), -ESRCH, "tgkill: nobody");
    check_equal(raw3(SYS_tgkill, us, us, NONE), -EINVAL, "no signal");
    check_equal(raw3(SYS_rt_sigqueueinfo, NOBODY, NONE, (long)&info), -ESRCH,
                "rt_sigqueueinfo: nobody");
    check_equal(raw3(SYS_rt_sigqueueinfo, us, NONE, (long)&info), -EINVAL, "no signal");
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    info = (siginfo_t){.si_code = SI_QUEUE};
    check_equal(raw3(SYS_kill, child, SIGUSR1, 0), 0, "one that has ended: kill");
    check_equal(raw3(SYS_tkill, child, SIGUSR1, 0), 0, "tkill");
    check_equal(raw3(SYS_tgkill, child, child, SIGUSR1), 0, "tgkill");
    check_equal(raw3(SYS_rt_sigqueueinfo, child, SIGUSR1, (long)&info), 0,
                "rt_sigqueueinfo");
    child_wait(child);
    check_equal(raw3(SYS_kill, child, 0, 0), -ESRCH, "waited for, it is nobody");
}

int main(void)
{
    test_cancelled(send_process, "sent to the process");
    test_cancelled(send_thread, "sent to the thread");
    test_orphaned();
    test_synchronous();
    test_restorer();
    test_fpu();
    test_no_call();
    check_equal(WEXITSTATUS(child_run(go_nowhere, NULL)), 7,
                "no address is returned to that is none: a general protection fault");
    test_red_zone();
    test_nobody();
    test_overruns(CLOCK_MONOTONIC, "real time");
    test_overruns(CLOCK_PROCESS_CPUTIME_ID, "running time");
    return tap_end();
}
