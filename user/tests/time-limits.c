/* time-limits.c - a call with a time limit ends when it was to end, however often the process is
 * stopped meanwhile and goes on: what is begun again keeps its end. Some calls are not begun again
 * (signal(7)): they say EINTR. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_MS 1000
#define STOPS    3 /* one in each quarter of it but the last */

static const struct timespec second = {1, 0};

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static long do_poll(void)
{
    return poll(NULL, 0, LIMIT_MS);
}

static long do_ppoll(void)
{
    return syscall(SYS_ppoll, NULL, 0, &(struct timespec){1, 0}, NULL, 8);
}

static long do_select(void)
{
    return select(0, NULL, NULL, NULL, &(struct timeval){1, 0});
}

static long do_pselect(void)
{
    return pselect(0, NULL, NULL, NULL, &second, NULL);
}

static long do_nanosleep(void)
{
    return nanosleep(&second, NULL);
}

static long do_clock_nanosleep(void)
{
    return clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
}

static long do_futex(void)
{
    static int word;

    return syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, &second) == -1 &&
                   errno == ETIMEDOUT
               ? 0
               : -1;
}

static long do_epoll(void)
{
    struct epoll_event event;

    return epoll_wait(epoll_create1(0), &event, 1, LIMIT_MS);
}

static long do_sigtimedwait(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return syscall(SYS_rt_sigtimedwait, &set, NULL, &second, 8); /* musl tries again */
}

/* What the child has seen. */
struct seen {
    long took, result;
    int error;
};
static volatile struct seen *seen;

static int call_run(void *argument)
{
    long (*call)(void) = (long (*)(void))argument;
    long begin = now_ms();

    seen->result = call();
    seen->error = seen->result < 0 ? errno : 0;
    seen->took = now_ms() - begin;
    return 0;
}

/* Stop it, and let it go on, in the middle of its call. */
static void call_stopped(long (*call)(void))
{
    struct timespec pause = {0, LIMIT_MS / (STOPS + 1) * 1000000l};
    pid_t child = child_start(call_run, (void *)call);
    int status = 0;

    for (int i = 0; i < STOPS; i++) {
        nanosleep(&pause, NULL);
        kill(child, SIGSTOP);
        if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status))
            return;
        kill(child, SIGCONT);
    }
    child_wait(child);
}

static void test_goes_on(const char *name, long (*call)(void))
{
    call_stopped(call);
    check(seen->result == 0 && seen->error == 0, "%s goes on after a stop", name);
    check_near(seen->took, LIMIT_MS, LIMIT_MS / 10, "and ends at its time");
}

static void test_ends(const char *name, long (*call)(void))
{
    call_stopped(call);
    check(seen->result == -1 && seen->error == EINTR, "%s ends by a stop", name);
    check_near(seen->took, LIMIT_MS / (STOPS + 1), LIMIT_MS / 10, "at once");
}

int main(void)
{
    seen = shared_page();
    test_goes_on("poll", do_poll);
    test_goes_on("ppoll", do_ppoll);
    test_goes_on("select", do_select);
    test_goes_on("pselect", do_pselect);
    test_goes_on("nanosleep", do_nanosleep);
    test_goes_on("clock_nanosleep", do_clock_nanosleep);
    test_goes_on("futex", do_futex);
    test_ends("epoll_wait", do_epoll);
    test_ends("sigtimedwait", do_sigtimedwait);
    return tap_end();
}
