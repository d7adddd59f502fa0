/* signal-wait.c - a signal for a process that sleeps in a call: EINTR, or the call goes on
 * (SA_RESTART). Its parent sends the signal once it surely sleeps. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ends[2];
static volatile sig_atomic_t calls;

static void on_signal(int signal)
{
    (void)signal;
    calls++;
}

static void handle(int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};

    sigaction(SIGUSR1, &action, NULL);
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

/* Wait until the process sleeps, and not just for a page on its way there. */
static void sleep_await(pid_t pid)
{
    for (int asleep = 0; asleep < 3; usleep(1000))
        asleep = process_state(pid) == 'S' ? asleep + 1 : 0;
}

static int read_interrupted(void *unused)
{
    char byte;

    (void)unused;
    handle(0);
    return read(ends[0], &byte, 1) == -1 && errno == EINTR && calls == 1 ? 1 : 2;
}

static int read_restarted(void *unused)
{
    char byte = 0;

    (void)unused;
    handle(SA_RESTART);
    return read(ends[0], &byte, 1) == 1 && byte == 'r' && calls == 1 ? 3 : 4;
}

static int write_partial(void *unused)
{
    static char bytes[100000];

    (void)unused;
    handle(0);
    ssize_t written = write(ends[1], bytes, sizeof(bytes));
    return written > 0 && written < (ssize_t)sizeof(bytes) && calls == 1 ? 5 : 6;
}

static int nap(void *unused)
{
    struct timespec long_time = {1000, 0}, left = {0};

    (void)unused;
    handle(SA_RESTART);
    int result = nanosleep(&long_time, &left);
    return result == -1 && errno == EINTR && left.tv_sec > 900 && left.tv_sec < 1000 ? 7
                                                                                     : 8;
}

static int pause_here(void *unused)
{
    (void)unused;
    handle(SA_RESTART);
    return pause() == -1 && errno == EINTR && calls == 1 ? 9 : 10;
}

static int ignored_here(void *unused)
{
    char byte = 0;

    (void)unused;
    signal(SIGUSR1, SIG_IGN);
    return read(ends[0], &byte, 1) == 1 && byte == 'i' ? 11 : 12;
}

static int status_after_signal(int (*step)(void *), const char *then)
{
    pid_t child = child_start(step, NULL);

    sleep_await(child);
    kill(child, SIGUSR1);
    if (then && (usleep(3000), write(ends[1], then, 1) != 1))
        bail("write");
    return WEXITSTATUS(child_wait(child));
}

static int sleeping_child(void *unused)
{
    (void)unused;
    return nap(NULL);
}

static int wait_interrupted(void *unused)
{
    int status;

    (void)unused;
    pid_t child = child_start(sleeping_child, NULL);
    handle(0);
    int result = waitpid(child, &status, 0);
    int error = errno;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return result == -1 && error == EINTR ? 13 : 14;
}

static void test_alarm(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    calls = 0;
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    check(pause() == -1 && calls == 1, "alarm wakes a pause");
    alarm(100);
    check(alarm(0) > 90, "alarm(0) tells what was left and cancels");
}

static void test_sigtimedwait(void)
{
    struct timespec brief = {0, 1000000};
    siginfo_t info;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    check(sigtimedwait(&set, &info, &brief) == -1 && errno == EAGAIN,
          "sigtimedwait: nothing comes, EAGAIN");
    kill(getpid(), SIGUSR2);
    check(sigtimedwait(&set, &info, &brief) == SIGUSR2 && info.si_pid == getpid(),
          "a waiting signal is taken without a handler");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
    if (pipe(ends) != 0)
        bail("pipe");
    check_equal(status_after_signal(read_interrupted, NULL), 1, "read: EINTR");
    check_equal(status_after_signal(read_restarted, "r"), 3,
                "read with SA_RESTART goes on");
    check_equal(status_after_signal(nap, NULL), 7,
                "nanosleep: EINTR and what was left, even with SA_RESTART");
    check_equal(status_after_signal(pause_here, NULL), 9, "pause: EINTR");
    check_equal(status_after_signal(ignored_here, "i"), 11,
                "an ignored signal does not disturb a read");
    check_equal(status_after_signal(wait_interrupted, NULL), 13, "waitpid: EINTR");
    check_equal(status_after_signal(write_partial, NULL), 5,
                "a write that was half done says how far it came");
    test_alarm();
    test_sigtimedwait();
    return tap_end();
}
