/* preempt.c - nobody has the processor for himself: processes that never call the kernel
 * take turns by the timer, and a sleeper wakes among them. */
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile long *count; /* shared: one counter a child */

static int spin(void *number)
{
    volatile long *mine = &count[*(int *)number];

    for (;;)
        if (++*mine < 0)
            return 0;
}

static long elapsed_ms(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void test_two(void)
{
    int numbers[2] = {0, 1};
    pid_t children[2];
    long one, two;
    struct timespec start;

    for (int i = 0; i < 2; i++)
        children[i] = child_start(spin, &numbers[i]);
    usleep(100000);
    one = count[0], two = count[1];
    check(one > 0 && two > 0, "two spinning processes both get on");
    clock_gettime(CLOCK_MONOTONIC, &start);
    usleep(200000);
    check(count[0] > one && count[1] > two, "and go on getting on");
    check(elapsed_ms(&start) < 1000, "a sleeper between them wakes in time");
    double share = (double)(count[0] - one) / (count[0] - one + count[1] - two);
    check(share > 0.2 && share < 0.8, "each has its fair share");
    note("the first had %d %%", (int)(share * 100));
    for (int i = 0; i < 2; i++) {
        kill(children[i], SIGKILL);
        check_equal(WTERMSIG(child_wait(children[i])), SIGKILL, "spinner %d is killed", i);
    }
}

static int yield_and_count(void *number)
{
    for (int i = 0; i < 1000; i++) {
        count[*(int *)number]++;
        sched_yield();
    }
    return 0;
}

static void test_yield(void)
{
    int numbers[4] = {4, 5, 6, 7};
    pid_t children[4];

    for (int i = 0; i < 4; i++)
        children[i] = child_start(yield_and_count, &numbers[i]);
    for (int i = 0; i < 4; i++)
        check(child_wait(children[i]) == 0 && count[numbers[i]] == 1000,
              "process %d of four that yield comes to its end", i + 1);
}

/* However long that takes when others have the processor too. */
static int spin_for_200_ms(void *unused)
{
    struct timespec ran;

    (void)unused;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ran);
    while (ran.tv_sec == 0 && ran.tv_nsec < 200000000);
    return 0;
}

static void test_usage(void)
{
    struct rusage usage;
    pid_t child = child_start(spin_for_200_ms, NULL);

    if (wait4(child, NULL, 0, &usage) != child)
        bail("wait4");
    long user = usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000;
    long all = user + usage.ru_stime.tv_sec * 1000 + usage.ru_stime.tv_usec / 1000;
    check(user > 0 && all >= 190 && all < 1000, "a spinner's time is about what it spun");
    note("%ld ms, %ld in user mode, of about 200", all, user);
}

int main(void)
{
    count = shared_page();
    test_two();
    test_yield();
    test_usage();
    return tap_end();
}
