/* threads-end.c - how processes of several threads end, exec, fork, stop and go on. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}

static _Noreturn void pause_for_ever(void)
{
    for (;;)
        pause();
}

static pthread_t start(void *(*step)(void *), void *argument)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, step, argument) != 0)
        bail("pthread_create");
    return thread;
}

static void *join(pthread_t thread)
{
    void *result;

    if (pthread_join(thread, &result) != 0)
        bail("pthread_join");
    return result;
}

static int status_number(const char *key)
{
    char line[200];
    int number = -1;
    FILE *status = fopen("/proc/self/status", "r");

    while (status && fgets(line, sizeof(line), status))
        if (strncmp(line, key, strlen(key)) == 0)
            number = atoi(line + strlen(key));
    fclose(status);
    return number;
}

/* --- The end -------------------------------------------------------------------------- */

static void *sleep_long(void *argument)
{
    sleep_ms(100000);
    return argument;
}

static void *spin_long(void *argument)
{
    for (;;)
        ++*(volatile int *)argument;
    return NULL;
}

static void *read_long(void *argument)
{
    char byte;

    return read(*(int *)argument, &byte, 1) == 1 ? argument : NULL;
}

/* Threads that sleep, spin and wait in calls. */
static void start_all_kinds(void)
{
    static volatile int number;
    static int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    for (int i = 0; i < 3; i++) {
        start(sleep_long, NULL);
        start(spin_long, (void *)&number);
        start(read_long, &ends[0]);
    }
    sleep_ms(30);
}

static int exit_from_main(void *argument)
{
    start_all_kinds();
    return *(int *)argument;
}

static void *exit_with(void *argument)
{
    _exit(*(int *)argument);
}

static int exit_from_thread(void *argument)
{
    start_all_kinds();
    start(exit_with, argument);
    pause_for_ever();
}

static void *last_words(void *argument)
{
    sleep_ms(50);
    *(volatile int *)argument = 1;
    return NULL;
}

static int leave_main(void *argument)
{
    start(last_words, argument);
    syscall(SYS_exit, 3);
    return 0;
}

static void *segv(void *argument)
{
    *(volatile int *)argument = 1;
    return NULL;
}

static int die_in_thread(void *argument)
{
    (void)argument;
    start_all_kinds();
    start(segv, (void *)16);
    pause_for_ever();
}

static int wait_to_be_killed(void *argument)
{
    (void)argument;
    start_all_kinds();
    pause_for_ever();
}

static void test_end(void)
{
    int status = 42;
    int *words = shared_page();

    check_equal(child_run(exit_from_main, &status), 42 << 8, "main returns: all end");
    check_equal(child_run(exit_from_thread, &status), 42 << 8, "a thread's exit ends all");
    check_equal(child_run(leave_main, words), 0, "main leaves: the others go on");
    check_equal(*words, 1, "to their end");
    check_equal(WTERMSIG(child_run(die_in_thread, NULL)), SIGSEGV,
                "a thread's fault ends all");
    pid_t child = child_start(wait_to_be_killed, NULL);
    sleep_ms(100);
    kill(child, SIGKILL);
    check_equal(child_wait(child), SIGKILL, "SIGKILL ends all");
}

/* --- exec ----------------------------------------------------------------------------- */

static void *exec_true(void *argument)
{
    char *words[] = {"sh", "-c", "exit 17", NULL};

    execve("/bin/sh", words, (char *[]){NULL});
    return argument;
}

static int exec_from_main(void *argument)
{
    start_all_kinds();
    exec_true(argument);
    return 1;
}

static int exec_from_thread(void *argument)
{
    start_all_kinds();
    start(exec_true, argument);
    pause_for_ever();
}

static int exec_from_many(void *argument)
{
    for (int i = 0; i < 5; i++)
        start(exec_true, argument);
    pause_for_ever();
}

static int exec_fails(void *argument)
{
    volatile int number = 0;

    (void)argument;
    start(spin_long, (void *)&number);
    execve("/no/such/file", NULL, NULL);
    int before = number;
    sleep_ms(50);
    return number > before ? 5 : 6;
}

static void test_exec(void)
{
    check_equal(child_run(exec_from_main, NULL), 17 << 8, "main execs: the others end");
    check_equal(child_run(exec_from_thread, NULL), 17 << 8,
                "a thread execs: it has the pid then");
    check_equal(child_run(exec_from_many, NULL), 17 << 8, "five exec at once");
    check_equal(child_run(exec_fails, NULL), 5 << 8, "a failed exec ends nobody");
}

/* --- fork, vfork, stop ---------------------------------------------------------------- */

static int count_threads(void *argument)
{
    (void)argument;
    return status_number("Threads:");
}

static void *fork_and_wait(void *argument)
{
    (void)argument;
    return (void *)(intptr_t)child_run(count_threads, NULL);
}

static void *vfork_and_wait(void *argument)
{
    int status = 0;
    pid_t child = vfork();

    (void)argument;
    if (child == 0)
        _exit(9);
    waitpid(child, &status, 0);
    return (void *)(intptr_t)status;
}

static volatile long *ticks;

static void *tick(void *argument)
{
    for (;;)
        ++*(volatile long *)argument;
    return NULL;
}

static int tick_all(void *argument)
{
    (void)argument;
    for (int i = 0; i < 3; i++)
        start(tick, (void *)&ticks[i]);
    tick((void *)&ticks[3]);
    return 0;
}

static bool all_tick(void)
{
    return ticks[0] && ticks[1] && ticks[2] && ticks[3];
}

static void test_children(void)
{
    volatile int number = 0;
    int status;

    start(spin_long, (void *)&number);
    check_equal((intptr_t)join(start(fork_and_wait, NULL)), 1 << 8,
                "a forked child has one thread");
    int before = number;
    check_equal((intptr_t)join(start(vfork_and_wait, NULL)), 9 << 8, "vfork in a thread");
    sleep_ms(30);
    check(number > before, "and the others go on");

    ticks = shared_page();
    pid_t child = child_start(tick_all, NULL);
    for (int i = 0; i < 100 && !all_tick(); i++)
        sleep_ms(100);
    kill(child, SIGSTOP);
    check(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status),
          "a process with threads stops");
    long sum = ticks[0] + ticks[1] + ticks[2] + ticks[3];
    check(all_tick(), "all of them ran");
    sleep_ms(100);
    check_equal(ticks[0] + ticks[1] + ticks[2] + ticks[3], sum, "none runs when stopped");
    kill(child, SIGCONT);
    check(waitpid(child, &status, WCONTINUED) == child && WIFCONTINUED(status),
          "and goes on");
    sleep_ms(200);
    check(ticks[0] + ticks[1] + ticks[2] + ticks[3] > sum, "to run again");
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGKILL);
    check_equal(child_wait(child), SIGKILL, "a stopped one can be killed");
}

int main(void)
{
    test_end();
    test_exec();
    test_children();
    return tap_end();
}
