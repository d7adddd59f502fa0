/* signal-await.c - signals that come while somebody waits for them with sigtimedwait: they are his,
 * though the process ignores them, by request or by default, and whoever else could take them. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sigset_t set_of(int signal)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signal);
    return set;
}

/* Its state in /proc/PID/stat. */
static char process_state(pid_t pid)
{
    char path[40], text[200], state = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (!file || !fgets(text, sizeof(text), file))
        bail(path);
    fclose(file);
    sscanf(strrchr(text, ')') + 1, " %c", &state);
    return state;
}

/* Wait until the parent sleeps, and not just for a page on its way there; then signal it. */
static int parent_signal(void *signal)
{
    for (int asleep = 0; asleep < 3; usleep(1000))
        asleep = process_state(getppid()) == 'S' ? asleep + 1 : 0;
    return *(int *)signal ? kill(getppid(), *(int *)signal) : 0;
}

/* Wait for `signal`; a child sends `sent` (0: only its own SIGCHLD) once we do. */
static int await(int signal, int sent, long ms)
{
    sigset_t set = set_of(signal);
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    pid_t child = child_start(parent_signal, &sent);
    /* musl's sigtimedwait begins again after EINTR */
    int got = syscall(SYS_rt_sigtimedwait, &set, NULL, &time, 8), error = errno;

    child_wait(child);
    errno = error;
    return got;
}

static void test_ignored(int number, bool by_request, const char *name)
{
    sigset_t set = set_of(number);

    signal(number, by_request ? SIG_IGN : SIG_DFL);
    sigprocmask(SIG_BLOCK, &set, NULL);
    check_equal(await(number, number == SIGCHLD ? 0 : number, 20000), number,
                "%s, blocked, and ignored by %s", name, by_request ? "request" : "default");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(number, SIG_DFL);
}

/* Waiting does not block: what is ignored and not blocked is lost. */
static void test_not_blocked(void)
{
    signal(SIGUSR2, SIG_IGN);
    check(await(SIGUSR2, SIGUSR2, 200) == -1 && errno == EAGAIN,
          "not blocked, and ignored: lost");
    signal(SIGUSR2, SIG_DFL);
}

static void do_nothing(int signal)
{
    (void)signal;
}

static int wait_unblocked(void *signal)
{
    sigset_t set = set_of(*(int *)signal);
    struct timespec time = {20, 0};

    return syscall(SYS_rt_sigtimedwait, &set, NULL, &time, 8) == *(int *)signal ? 7 : 8;
}

static int wait_blocked(void *signal)
{
    sigset_t set = set_of(*(int *)signal);

    sigprocmask(SIG_BLOCK, &set, NULL);
    return wait_unblocked(signal);
}

static int status_of(int (*wait)(void *), int signal)
{
    pid_t child = child_start(wait, &signal);

    for (int asleep = 0; asleep < 3; usleep(1000))
        asleep = process_state(child) == 'S' ? asleep + 1 : 0;
    kill(child, signal);
    return child_wait(child);
}

static int status_unblocked(int signal)
{
    return status_of(wait_unblocked, signal);
}

/* Nor does it handle: who does not block what ends the process is ended, but for a core. */
static void test_deadly(void)
{
    static const int deadly[] = {SIGTERM, SIGHUP, SIGUSR1, SIGALRM, SIGPIPE};
    bool ended = true;

    for (unsigned i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
        ended = ended && status_unblocked(deadly[i]) == deadly[i];
    check(ended, "not blocked, and deadly: the process ends");
    check_equal(status_unblocked(SIGRTMIN + 1), SIGRTMIN + 1, "one of real time, too");
    check_equal(status_of(wait_blocked, SIGTERM), 7 << 8, "blocked: it is his who waits");
    check_equal(status_unblocked(SIGQUIT), 7 << 8, "of which a core is left: it is his");
    check_equal(status_unblocked(SIGTSTP), 7 << 8, "what stops is his");
    signal(SIGTERM, do_nothing);
    check_equal(status_unblocked(SIGTERM), 7 << 8, "what has a handler is his");
    signal(SIGTERM, SIG_DFL);
}

/* Another signal ends the wait; then nothing is kept that is ignored. */
static void test_after(void)
{
    sigset_t set = set_of(SIGUSR2), pending;

    signal(SIGUSR2, SIG_IGN);
    signal(SIGUSR1, do_nothing);
    sigprocmask(SIG_BLOCK, &set, NULL);
    check(await(SIGUSR2, SIGUSR1, 20000) == -1 && errno == EINTR, "another signal: EINTR");
    kill(getpid(), SIGUSR2);
    sigpending(&pending);
    check(sigismember(&pending, SIGUSR2) == 1, "after the wait it is blocked again");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    kill(getpid(), SIGUSR2);
    sigpending(&pending);
    check(sigismember(&pending, SIGUSR2) == 0, "and then it is not");
    signal(SIGUSR1, SIG_DFL), signal(SIGUSR2, SIG_DFL);
}

/* --- Several threads ------------------------------------------------------------------------- */

struct waiter {
    int signal;
    volatile int got;
    pthread_t thread;
};

static void *wait_for(void *argument)
{
    struct waiter *waiter = argument;
    sigset_t set = set_of(waiter->signal);
    struct timespec time = {20, 0};

    pthread_sigmask(SIG_BLOCK, &set, NULL);
    waiter->got = sigtimedwait(&set, NULL, &time);
    return NULL;
}

static void waiters_start(struct waiter *waiters, int count, int signal)
{
    for (int i = 0; i < count; i++) {
        waiters[i] = (struct waiter){.signal = signal};
        pthread_create(&waiters[i].thread, NULL, wait_for, &waiters[i]);
    }
    usleep(100000); /* they wait */
}

static int waiters_end(struct waiter *waiters, int count)
{
    int got = 0;

    for (int i = 0; i < count; i++) {
        pthread_join(waiters[i].thread, NULL);
        got += waiters[i].got == waiters[i].signal;
    }
    return got;
}

/* For one of them, the first thread does not block it and ignores it: Linux looks at that one
 * alone, and drops the signal. */
static void test_threads(void)
{
    sigset_t set = set_of(SIGUSR2);
    struct waiter waiters[3];

    signal(SIGUSR2, SIG_IGN);
    if (on_faultline()) {
        waiters_start(waiters, 1, SIGUSR2);
        kill(getpid(), SIGUSR2);
        check_equal(
            waiters_end(waiters, 1), 1,
            "for the process: the thread that waits gets it, not one that ignores it");
    } else {
        check_skip(
            "Linux drops it",
            "for the process: the thread that waits gets it, not one that ignores it");
    }
    waiters_start(waiters, 1, SIGUSR2);
    pthread_kill(waiters[0].thread, SIGUSR2);
    check_equal(waiters_end(waiters, 1), 1, "for the thread that waits");
    sigprocmask(SIG_BLOCK, &set, NULL);
    waiters_start(waiters, 3, SIGUSR2);
    for (int i = 0; i < 3; i++) {
        kill(getpid(), SIGUSR2);
        usleep(100000); /* it has been taken */
    }
    check_equal(waiters_end(waiters, 3), 3, "three wait: three signals, one for each");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGUSR2, SIG_DFL);
}

/* A handler that somebody else could run does not run. */
static volatile int handled;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

/* One for whoever handles it, who is woken first, and one that is waited for. */
static int both_signal(void *unused)
{
    (void)unused;
    return kill(getppid(), SIGUSR2) | kill(getppid(), SIGUSR1);
}

static void test_handled(void)
{
    struct waiter waiter;

    if (!on_faultline()) {
        check_skip("Linux lets the first thread have it",
                   "who waits comes before who handles");
        return;
    }
    signal(SIGUSR1, handle);
    signal(SIGUSR2, do_nothing);
    waiters_start(&waiter, 1, SIGUSR1);
    kill(getpid(), SIGUSR1);
    usleep(100000);
    check(waiter.got == SIGUSR1, "who waits is told at once");
    check(waiters_end(&waiter, 1) == 1 && handled == 0,
          "who waits comes before who handles");
    waiters_start(&waiter, 1, SIGUSR1);
    child_wait(child_start(both_signal, NULL));
    check(waiters_end(&waiter, 1) == 1 && handled == 0,
          "also where that one handles another just then");
    signal(SIGUSR1, SIG_DFL), signal(SIGUSR2, SIG_DFL);
}

/* Whoever waits for a timer that was ignored. (What Linux does differs from release to release.) */
static void timer_await(void)
{
    sigset_t set = set_of(SIGUSR2);
    struct timespec time = {20, 0};
    siginfo_t info;

    sigprocmask(SIG_BLOCK, &set, NULL);
    check_equal(sigtimedwait(&set, &info, &time), SIGUSR2,
                "a timer that was ignored is awaited");
    check(info.si_code == SI_TIMER, "which its signal says");
    usleep(50000);
    check_equal(sigtimedwait(&set, &info, &time), SIGUSR2, "again");
    check(info.si_overrun >= 20, "which counts what nobody waited for");
}

/* A timer whose signal is ignored goes on when somebody wants it. */
static void test_timer(void)
{
    sigset_t set = set_of(SIGUSR2);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
    struct itimerspec often = {{0, 2000000}, {0, 2000000}}, left;
    timer_t timer;

    signal(SIGUSR2, SIG_IGN);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &often, NULL);
    usleep(50000);
    timer_gettime(timer, &left);
    check(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 2000000 &&
              left.it_interval.tv_nsec == 2000000,
          "a timer that is ignored can be read");
    if (on_faultline())
        timer_await();
    else
        check_skip("Linux may not", "a timer that was ignored is awaited");
    signal(SIGUSR2, handle);
    handled = 0;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    while (handled < 3)
        usleep(1000);
    check(handled >= 3, "and be handled");
    timer_delete(timer);
}

int main(void)
{
    test_ignored(SIGUSR2, true, "SIGUSR2");
    test_ignored(SIGTERM, true, "SIGTERM");
    test_ignored(SIGRTMIN + 3, true, "a signal of real time");
    test_ignored(SIGWINCH, false, "SIGWINCH");
    test_ignored(SIGURG, false, "SIGURG");
    test_ignored(SIGCONT, false, "SIGCONT");
    test_ignored(SIGCHLD, false, "SIGCHLD");
    test_not_blocked();
    test_deadly();
    test_after();
    test_threads();
    test_handled();
    test_timer();
    return tap_end();
}
