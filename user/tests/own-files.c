/* own-files.c - a thread with open files of its own (clone with CLONE_THREAD and without
 * CLONE_FILES, or close_range with CLOSE_RANGE_UNSHARE): what it opens and closes is its alone. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREAD = CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID };
enum { UNSHARE = 2, EXECUTED = 77, WAIT = 0 };

/* What a thread is told and what it answers; it shares our thread's TLS, so it calls the kernel
 * without the C library. */
static struct step {
    int fd, other, answer;
    const char *program;
} step;

static int alive;

static long is_open(int fd)
{
    return raw3(SYS_fcntl, fd, F_GETFD, 0) >= 0;
}

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    raw3(SYS_nanosleep, (long)&time, 0, 0);
}

static void thread_start(int (*run)(void *), int flags)
{
    static char stack[65536] __attribute__((aligned(16)));

    alive = 1;
    if (clone(run, stack + sizeof(stack), flags, &step, NULL, NULL, &alive) < 0)
        bail("clone");
}

static void thread_await(void)
{
    int value;

    while ((value = *(volatile int *)&alive) != 0)
        raw6(SYS_futex, (long)&alive, WAIT, value, 0, 0, 0);
}

static void thread_run(int (*run)(void *), int flags)
{
    thread_start(run, flags);
    thread_await();
}

/* --- Steps of a thread ---------------------------------------------------------------------- */

static int open_and_close(void *argument)
{
    struct step *at = argument;

    raw3(SYS_close, at->fd, 0, 0);
    at->other = (int)raw3(SYS_open, (long)"/dev/null", O_RDONLY, 0);
    at->answer = is_open(at->other) && at->other == at->fd;
    return 0;
}

static int unshare_and_close(void *argument)
{
    struct step *at = argument;

    at->answer =
        (int)raw3(SYS_close_range, at->fd, at->fd, UNSHARE) == 0 && !is_open(at->fd);
    return 0;
}

static int hold_for_long(void *argument)
{
    (void)argument;
    pause_ms(50);
    return 0;
}

/* Its child has what the thread has. */
static int fork_with_own(void *argument)
{
    struct step *at = argument;
    int status = 0;

    raw3(SYS_close, at->fd, 0, 0);
    long child = raw6(SYS_fork, 0, 0, 0, 0, 0, 0);
    if (child == 0)
        raw3(SYS_exit_group, is_open(at->fd) ? 1 : 0, 0, 0);
    raw6(SYS_wait4, child, (long)&status, 0, 0, 0, 0);
    at->answer = status == 0;
    return 0;
}

static int exec_with_own(void *argument)
{
    struct step *at = argument;
    char *words[] = {(char *)at->program, (char *)"9", NULL};

    raw3(SYS_dup2, at->fd, 9, 0);
    raw3(SYS_execve, (long)at->program, (long)words, 0);
    return 0;
}

/* --- The claims ------------------------------------------------------------------------------- */

static void test_apart(void)
{
    step.fd = open("/dev/null", O_RDONLY);
    thread_run(open_and_close, THREAD);
    check(step.answer, "a thread without CLONE_FILES closes and opens");
    check(is_open(step.fd), "what it has closed is still open here");
    thread_run(open_and_close, THREAD | CLONE_FILES);
    check(step.answer && is_open(step.fd), "with CLONE_FILES the numbers are the same");
    close(step.fd);
    check(!is_open(step.fd), "and closed once");
}

static void test_unshared(void)
{
    step.fd = open("/dev/null", O_RDONLY);
    thread_run(unshare_and_close, THREAD | CLONE_FILES);
    check(step.answer && is_open(step.fd),
          "CLOSE_RANGE_UNSHARE of a thread closes for it alone");
    close(step.fd);
}

static void test_held(void)
{
    int ends[2];
    char byte;

    if (pipe(ends) != 0)
        bail("pipe");
    thread_start(hold_for_long, THREAD);
    close(ends[1]);
    check(read(ends[0], &byte, 1) == 0, "what only the thread has open ends with it");
    thread_await();
    close(ends[0]);
}

static void test_fork(void)
{
    step.fd = open("/dev/null", O_RDONLY);
    thread_run(fork_with_own, THREAD);
    check(step.answer && is_open(step.fd), "its child has the thread's files");
    close(step.fd);
}

static int exec_in_thread(void *unused)
{
    (void)unused;
    step.fd = open("/dev/null", O_RDONLY);
    thread_start(exec_with_own, THREAD);
    thread_await(); /* it ends us */
    return 1;
}

static void test_exec(const char *program)
{
    step.program = program;
    check_equal(WEXITSTATUS(child_run(exec_in_thread, NULL)), EXECUTED,
                "the program that it executes has them too");
}

int main(int count, char **arguments)
{
    if (count > 1)
        return is_open(atoi(arguments[1])) ? EXECUTED : 1;
    test_apart();
    test_unshared();
    test_held();
    test_fork();
    test_exec(arguments[0]);
    return tap_end();
}
