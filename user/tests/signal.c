/* signal.c - handlers and masks: who is called, when, with what, and what is kept back. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t calls, depth, deepest, last, order[8], ordered;
static siginfo_t told;

static void reset(void)
{
    calls = depth = deepest = last = ordered = 0;
    memset(&told, 0, sizeof(told));
}

static void on_signal(int signal)
{
    calls++;
    last = signal;
    if (ordered < 8)
        order[ordered++] = signal;
}

static void on_info(int signal, siginfo_t *info, void *context)
{
    told = *info;
    last = signal;
    calls += context != NULL;
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    if (sigaction(signal, &action, NULL) != 0)
        bail("sigaction");
}

static void test_handler(void)
{
    reset();
    handle(SIGUSR1, on_signal, 0);
    raise(SIGUSR1);
    check(calls == 1 && last == SIGUSR1, "a handler is called");
    kill(getpid(), SIGUSR1);
    check_equal(calls, 2, "by kill too, before kill returns");
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    check_equal(calls, 2, "an ignored signal calls nobody");
    struct sigaction before;
    check(sigaction(SIGUSR1, NULL, &before) == 0 && before.sa_handler == SIG_IGN,
          "sigaction tells what was set");
}

static void test_info(void)
{
    struct sigaction action = {.sa_sigaction = on_info, .sa_flags = SA_SIGINFO};

    reset();
    sigaction(SIGUSR1, &action, NULL);
    kill(getpid(), SIGUSR1);
    check(calls == 1 && told.si_signo == SIGUSR1, "siginfo names the signal");
    check(told.si_code == SI_USER && told.si_pid == getpid() && told.si_uid == getuid(),
          "and who sent it");
}

static void test_mask(void)
{
    sigset_t mask, before, pending;

    reset();
    handle(SIGUSR1, on_signal, 0);
    handle(SIGUSR2, on_signal, 0);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_BLOCK, &mask, &before);
    raise(SIGUSR2);
    raise(SIGUSR1);
    raise(SIGUSR1);
    check_equal(calls, 0, "blocked signals wait");
    sigpending(&pending);
    check(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGUSR2) &&
              !sigismember(&pending, SIGTERM),
          "sigpending names them");
    sigprocmask(SIG_SETMASK, &before, NULL);
    check_equal(calls, 2, "unblocked they come, each once");
    sigset_t everything, kept;
    sigfillset(&everything);
    sigprocmask(SIG_SETMASK, &everything, NULL);
    sigprocmask(SIG_SETMASK, &before, &kept);
    check(!sigismember(&kept, SIGKILL) && !sigismember(&kept, SIGSTOP) &&
              sigismember(&kept, SIGTERM),
          "SIGKILL and SIGSTOP cannot be blocked");
}

static void on_nested(int signal)
{
    calls++;
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (calls < 5)
        raise(signal);
    depth--;
}

static void on_other(int signal)
{
    (void)signal;
    calls++;
    raise(SIGUSR2);
    order[ordered++] = 1; /* after the other handler, if it may interrupt this one */
}

static void test_nesting(void)
{
    reset();
    handle(SIGUSR1, on_nested, 0);
    raise(SIGUSR1);
    check(calls == 5 && deepest == 1, "a signal is blocked while its handler runs");
    reset();
    handle(SIGUSR1, on_nested, SA_NODEFER);
    raise(SIGUSR1);
    check(calls == 5 && deepest == 5, "unless SA_NODEFER");
    reset();
    handle(SIGUSR1, on_other, 0);
    handle(SIGUSR2, on_signal, 0);
    raise(SIGUSR1);
    check(ordered == 2 && order[0] == SIGUSR2 && order[1] == 1,
          "another signal interrupts a handler");
    struct sigaction action = {.sa_handler = on_other};
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &action, NULL);
    reset();
    raise(SIGUSR1);
    check(ordered == 2 && order[0] == 1 && order[1] == SIGUSR2,
          "unless its mask keeps it back");
}

static int reset_hand(void *unused)
{
    (void)unused;
    handle(SIGUSR1, on_signal, SA_RESETHAND);
    raise(SIGUSR1);
    if (calls != 1)
        return 1;
    raise(SIGUSR1);
    return 2;
}

static void test_once(void)
{
    reset();
    check_equal(WTERMSIG(child_run(reset_hand, NULL)), SIGUSR1,
                "SA_RESETHAND: handled once, then the default");
}

static void test_suspend(void)
{
    sigset_t mask, none;

    reset();
    handle(SIGUSR1, on_signal, 0);
    sigemptyset(&none);
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    raise(SIGUSR1);
    check(sigsuspend(&none) == -1 && errno == EINTR && calls == 1,
          "sigsuspend lets the waiting signal in");
    raise(SIGUSR1);
    check_equal(calls, 1, "and blocks it again after");
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    check_equal(calls, 2, "until it is unblocked");
}

static int default_action(void *signal_number)
{
    int number = *(int *)signal_number;

    signal(number, SIG_DFL); /* whoever started the test may have it ignored */
    raise(number);
    return 0;
}

static void test_defaults(void)
{
    static const int ending[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT,
                                 SIGBUS,  SIGFPE,  SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,
                                 SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGSYS};
    static const int harmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    int right = 0;

    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    for (unsigned i = 0; i < sizeof(ending) / sizeof(int); i++) {
        int status = child_run(default_action, (void *)&ending[i]);

        if (WIFSIGNALED(status) && WTERMSIG(status) == ending[i])
            right++;
        else
            note("signal %d: wait status %#x", ending[i], status);
    }
    check_equal(right, sizeof(ending) / sizeof(int), "signals that end a process do");
    right = 0;
    for (unsigned i = 0; i < sizeof(harmless) / sizeof(int); i++)
        right += child_run(default_action, (void *)&harmless[i]) == 0;
    check_equal(right, sizeof(harmless) / sizeof(int), "signals that do not, do not");
}

static void test_refused(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    check(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL,
          "SIGKILL takes no handler");
    check(sigaction(SIGSTOP, &action, NULL) == -1 && errno == EINVAL, "nor SIGSTOP");
    check_equal(raw6(SYS_rt_sigaction, 65, 0, 0, 8, 0, 0), -EINVAL,
                "there is no signal 65");
    check_equal(raw6(SYS_rt_sigaction, SIGUSR1, 0, 0, 4, 0, 0), -EINVAL,
                "a set of the wrong size");
    check_equal(raw6(SYS_rt_sigprocmask, 7, (long)&action, 0, 8, 0, 0), -EINVAL,
                "an unknown way to set the mask");
    check_equal(raw3(SYS_kill, getpid(), 65, 0), -EINVAL, "kill with no such signal");
    check_equal(raw3(SYS_kill, 999999, 0, 0), -ESRCH, "kill of nobody");
    check_equal(raw3(SYS_tkill, raw3(SYS_gettid, 0, 0, 0), 0, 0), 0, "tkill");
}

int main(void)
{
    test_handler();
    test_info();
    test_mask();
    test_nesting();
    test_once();
    test_suspend();
    test_defaults();
    test_refused();
    return tap_end();
}
