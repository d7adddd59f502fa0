/* limit-count.c - limits on how many: threads (RLIMIT_NPROC), signals that wait and timers
 * (RLIMIT_SIGPENDING). All processes count together, for all are one user's. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY 40

static bool limit_to(int resource, rlim_t most)
{
    struct rlimit limit = {most, RLIM_INFINITY};
    return setrlimit(resource, &limit) == 0;
}

/* --- Signals and timers --------------------------------------------------------------- */

/* How many can be sent before they are refused with EAGAIN; -1: with something else. */
static int queue_until_refused(int signal)
{
    for (int i = 0; i < 10 * MANY; i++)
        if (sigqueue(getpid(), signal, (union sigval){.sival_int = i}) != 0)
            return errno == EAGAIN ? i : -1;
    return 10 * MANY;
}

/* The same, of those that say in their code that timers sent them; anybody may write that. */
static int forge_until_refused(int signal, int step)
{
    for (int i = 0; i < 10 * MANY; i++) {
        siginfo_t info = {.si_code = SI_TIMER};
        info.si_timerid = i * step;
        info.si_value.sival_int = i;
        if (syscall(SYS_rt_sigqueueinfo, getpid(), signal, &info) != 0)
            return errno == EAGAIN ? i : -1;
    }
    return 10 * MANY;
}

static int timers_until_refused(timer_t timers[MANY])
{
    struct sigevent none = {.sigev_notify = SIGEV_NONE};
    for (int i = 0; i < MANY; i++)
        if (timer_create(CLOCK_MONOTONIC, &none, &timers[i]) != 0)
            return errno == EAGAIN ? i : -1;
    return MANY;
}

static int take_all(sigset_t *set)
{
    siginfo_t info;
    int next = 0;
    while (sigtimedwait(set, &info, &(struct timespec){0, 0}) > 0)
        if (info.si_value.sival_int != next++)
            return -1;
    return next;
}

static int test_signals(void)
{
    sigset_t set;
    timer_t timers[MANY];
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    limit_to(RLIMIT_SIGPENDING, 20);
    check_equal(queue_until_refused(SIGRTMIN), 20, "so many signals can wait");
    check_equal(kill(getpid(), SIGUSR1), 0, "one that comes but once is never refused");
    check_equal(timers_until_refused(timers), 0, "no timer: it may need a place");
    sigdelset(&set, SIGUSR1);
    check_equal(take_all(&set), 20, "they are delivered in order, each with its value");
    sigaddset(&set, SIGUSR1);
    take_all(&set);
    check_equal(forge_until_refused(SIGRTMIN, 1), 20, "those of timers that there are not");
    check_equal(take_all(&set), 20, "come as they were sent");
    check_equal(forge_until_refused(SIGRTMIN, 0), 20, "of one timer, that there is not,");
    check_equal(take_all(&set), 20, "each comes");
    kill(getpid(), SIGUSR1);
    sigdelset(&set, SIGUSR1);
    check_equal(timers_until_refused(timers), 19, "timers and the signal that waits share");
    check_equal(queue_until_refused(SIGRTMIN), 0, "no signal besides");
    for (int i = 0; i < 19; i++)
        timer_delete(timers[i]);
    check_equal(queue_until_refused(SIGRTMIN), 19, "timers that are deleted give way");
    limit_to(RLIMIT_SIGPENDING, 0);
    check_equal(take_all(&set), 19, "a limit that falls takes nothing back");
    check_equal(queue_until_refused(SIGRTMIN), 0, "at 0 none");
    check(syscall(SYS_tgkill, getpid(), gettid(), SIGRTMIN) < 0 && errno == EAGAIN,
          "for a thread neither: EAGAIN");
    check_equal(kill(getpid(), SIGRTMIN), 0, "kill's says nothing but who: it may be lost");
    signal(SIGRTMIN + 1, SIG_IGN);
    siginfo_t info = {.si_code = SI_QUEUE};
    check_equal(syscall(SYS_rt_sigqueueinfo, getpid(), SIGRTMIN + 1, &info), 0,
                "one that is ignored needs no place");
    check_equal(syscall(SYS_tgkill, getpid(), gettid(), SIGRTMIN + 1), 0,
                "nor one for a thread");
    return 0;
}

/* --- Threads ---------------------------------------------------------------------------- */

static int forks_until_refused(pid_t children[MANY])
{
    for (int i = 0; i < MANY; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            pause();
            _exit(0);
        }
        if (children[i] < 0)
            return errno == EAGAIN ? i : -1;
    }
    return MANY;
}

static void *wait_long(void *nothing)
{
    pause();
    return nothing;
}

static void test_threads(void)
{
    pid_t children[MANY];
    pthread_t thread;
    struct rlimit limit;
    getrlimit(RLIMIT_NPROC, &limit);
    check(limit.rlim_cur > MANY, "there is a limit, of more than %d", MANY);
    limit_to(RLIMIT_NPROC, 20);
    int count = forks_until_refused(children);
    check(count >= 5 && count < 20, "all processes together: %d more, then EAGAIN", count);
    check_equal(pthread_create(&thread, NULL, wait_long, NULL), EAGAIN,
                "a thread is refused");
    kill(children[0], SIGKILL);
    check(fork() < 0 && errno == EAGAIN, "who has ended counts until it is waited for");
    waitpid(children[0], NULL, 0);
    check_equal(pthread_create(&thread, NULL, wait_long, NULL), 0, "then there is a place");
    for (int i = 1; i < count; i++) {
        kill(children[i], SIGKILL);
        waitpid(children[i], NULL, 0);
    }
}

int main(void)
{
    if (!on_faultline())
        check_skip("other processes' signals and threads count, and root is not limited",
                   "limits on how many");
    else if (test_signals() == 0)
        test_threads();
    return tap_end();
}
