/* real-time.c - SCHED_FIFO and SCHED_RR: what was asked for is told, and is what happens: the
 * highest priority first, and of equal ones the first until it yields. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HIGH = 50 };

/* Shared by all: how many are there, may they begin, and who has run, in order. */
static struct {
    volatile int ready, go, count;
    volatile char who[64];
} * order;

static long policy_set(int policy, int priority)
{
    return raw3(SYS_sched_setscheduler, 0, policy, (long)&priority);
}

static int priority_now(void)
{
    int priority = -1;

    raw3(SYS_sched_getparam, 0, (long)&priority, 0);
    return priority;
}

static long policy_now(void)
{
    return raw3(SYS_sched_getscheduler, 0, 0, 0);
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void test_told(void)
{
    struct timespec slice = {9, 9};
    int other = 7;

    check_equal(policy_set(SCHED_FIFO, 0), -EINVAL, "below the lowest priority");
    check_equal(policy_set(SCHED_RR, 100), -EINVAL, "above the highest");
    check_equal(policy_set(SCHED_FIFO, 99), 0, "SCHED_FIFO at the highest");
    check(policy_now() == SCHED_FIFO && priority_now() == 99, "is told");
    raw3(SYS_sched_rr_get_interval, 0, (long)&slice, 0);
    check(slice.tv_sec == 0 && slice.tv_nsec == 0, "it has no slices");
    check_equal(raw3(SYS_sched_setparam, 0, (long)&other, 0), 0, "another priority");
    check(policy_now() == SCHED_FIFO && priority_now() == 7, "is told, of the same policy");
    check_equal(policy_set(SCHED_RR, 1), 0, "SCHED_RR at the lowest");
    check(policy_now() == SCHED_RR && priority_now() == 1, "is told");
    raw3(SYS_sched_rr_get_interval, 0, (long)&slice, 0);
    check(slice.tv_sec > 0 || slice.tv_nsec > 0, "it has slices");
    check_equal(policy_set(SCHED_OTHER, 0), 0, "back to the usual");
    check(policy_now() == SCHED_OTHER && priority_now() == 0, "is told");
}

static int inherits(void *expected)
{
    return policy_now() == *(int *)expected &&
           priority_now() == (*(int *)expected ? HIGH : 0);
}

static void test_inherited(void)
{
    int same = SCHED_FIFO, none = SCHED_OTHER;
    long reset = SCHED_FIFO | SCHED_RESET_ON_FORK;

    policy_set(SCHED_FIFO, HIGH);
    check_equal(WEXITSTATUS(child_run(inherits, &same)), 1, "a child has it too");
    policy_set((int)reset, HIGH);
    check_equal(policy_now(), reset, "SCHED_RESET_ON_FORK is told");
    check_equal(WEXITSTATUS(child_run(inherits, &none)), 1, "a child has it not");
    policy_set(SCHED_OTHER, 0);
}

static void sign(char who)
{
    order->who[order->count++] = who;
}

/* Asleep until all are there, and without a copy that might sleep for longer. */
static void child_wait_go(void)
{
    order->ready++;
    while (!order->go)
        poll(0, 0, 1);
}

/* Children of these priorities, named from 'a' on, that each take `turns` turns. Their parent is
 * more urgent, and keeps the processor until all of them could run: for less than what real time
 * may have at once, all of which there is again after a rest. */
static void children_run(const int *priorities, int count, int turns)
{
    memset((void *)order, 0, sizeof(*order));
    usleep(10000);
    policy_set(SCHED_FIFO, HIGH);
    for (int i = 0; i < count; i++) {
        if (fork() == 0) {
            policy_set(priorities[i] ? SCHED_FIFO : SCHED_OTHER, priorities[i]);
            child_wait_go();
            for (int turn = 0; turn < turns; turn++, sched_yield())
                sign((char)('a' + i));
            _exit(0);
        }
    }
    while (order->ready < count)
        usleep(1000);
    order->go = 1;
    for (volatile int i = 0; i < 400000; i++)
        continue;
    while (wait(0) > 0)
        continue;
    policy_set(SCHED_OTHER, 0);
}

static void test_order(void)
{
    static const int rising[] = {10, 20, 30}, equal[] = {10, 10}, mixed[] = {10, 10, 0};

    children_run(rising, 3, 2);
    check(strcmp((char *)order->who, "ccbbaa") == 0,
          "the highest first, and until it ends");
    children_run(equal, 2, 3);
    const char *by_turns = order->who[0] == 'a' ? "ababab" : "bababa";
    check(strcmp((char *)order->who, by_turns) == 0, "equal ones by turns, if they yield");
    children_run(mixed, 3, 2);
    check(strcmp((char *)order->who + 4, "cc") == 0, "one without priority after both");
    children_run(equal, 2, 1);
    check(strlen((char *)order->who) == 2, "each of them runs");
}

/* Were it let, for five seconds. */
static int spin(void *policy)
{
    alarm(5);
    policy_set(*(int *)policy, *(int *)policy == SCHED_FIFO ? 10 : 99);
    for (;;)
        order->count++;
    return 0;
}

/* Some tens of milliseconds of work, in small pieces with sleeps between them or all at once. */
static long work(bool sleeps)
{
    long sum = 0;

    for (int piece = 0; piece < 100; piece++) {
        for (volatile int i = 0; i < 5000; i++)
            sum += i;
        if (sleeps && piece % 10 == 0)
            poll(0, 0, 1);
    }
    return sum;
}

/* What never sleeps, at the highest priority, in two programs: others get a twentieth all the
 * same, each time they ask soon, and may end it. */
static void test_throttled(bool sleeps, const char *right, const char *soon)
{
    int first = SCHED_FIFO, second = SCHED_RR;
    pid_t one = child_start(spin, &first), two = child_start(spin, &second);

    while (order->count == 0)
        poll(0, 0, 1);
    long begin = now_ms(), sum = work(sleeps), middle = now_ms();
    kill(one, SIGKILL);
    kill(two, SIGKILL);
    child_wait(one);
    child_wait(two);
    note("%ld ms, and %ld to end them", middle - begin, now_ms() - middle);
    check_equal(sum, 100 * (5000l * 4999 / 2), right);
    check(!on_faultline() || now_ms() - begin < 3000, soon);
}

/* Ten sleeps of a millisecond beside one that never sleeps: it ends at each when that is over, and
 * not with a slice of the other's. Nothing is written while that one runs: who reads it may be in
 * the middle of the pipe, and would go on late. */
static void test_wakes(void)
{
    int policy = SCHED_FIFO;

    policy_set(SCHED_FIFO, HIGH);
    pid_t child = child_start(spin, &policy);
    usleep(20000);
    long before = now_ms();
    for (int i = 0; i < 10; i++)
        poll(0, 0, 1);
    long ms = now_ms() - before;
    kill(child, SIGKILL);
    child_wait(child);
    policy_set(SCHED_OTHER, 0);
    check(!on_faultline() || ms < 60, "who wakes and is more urgent runs at once");
}

/* Fields 18, 40 and 41 of /proc/PID/stat: how urgent, the priority, the policy. */
static void test_shown(void)
{
    int policy = 0, priority = 0, urgent = 0;
    char text[1024] = "";

    policy_set(SCHED_RR, 7);
    int fd = open("/proc/self/stat", O_RDONLY);
    if (read(fd, text, sizeof(text) - 1) <= 0)
        bail("/proc/self/stat");
    close(fd);
    policy_set(SCHED_OTHER, 0);
    const char *at = strrchr(text, ')');
    for (int field = 3; at && field <= 41; field++) {
        at = strchr(at + 1, ' ');
        if (at && field == 18)
            urgent = atoi(at);
        if (at && field == 40)
            priority = atoi(at);
        if (at && field == 41)
            policy = atoi(at);
    }
    check(urgent == -8 && priority == 7 && policy == SCHED_RR,
          "/proc/self/stat tells them");
}

static int budget_say(const char *text)
{
    int fd = open("/proc/sys/kernel/sched_rt_runtime_us", O_WRONLY);
    int error = write(fd, text, strlen(text)) < 0 ? errno : 0;

    close(fd);
    return error;
}

static int count_turns(void *turns)
{
    for (;;)
        ++*(volatile long *)turns;
    return 0;
}

/* Run for so long, without a call: in a call one may sleep. */
static void run_for(long ms)
{
    enum { SAMPLE = 20 };
    static uint64_t ticks_in_sample;

    if (!ticks_in_sample) {
        uint64_t begin = ticks();
        for (long end = now_ms() + SAMPLE; now_ms() < end;)
            ;
        ticks_in_sample = ticks() - begin;
    }
    uint64_t begin = ticks();
    while (ticks() - begin < ticks_in_sample * (uint64_t)ms / SAMPLE)
        ;
}

/* How often another process had a turn while we ran for so long. */
static long turns_beside(long ms)
{
    volatile long *turns = shared_page();
    pid_t child = child_start(count_turns, (void *)turns);

    policy_set(SCHED_FIFO, 1);
    long before = *turns;
    run_for(ms);
    long after = *turns;
    policy_set(SCHED_OTHER, 0);
    kill(child, SIGKILL);
    child_wait(child);
    munmap((void *)turns, PAGE);
    return after - before;
}

static void test_budget(void)
{
    if (!on_faultline())
        return check_skip("the machine is not ours", "sched_rt_runtime_us");
    check(turns_beside(300) > 0, "who runs for long leaves others a share");
    check_equal(budget_say("-1\n"), 0, "sched_rt_runtime_us: -1");
    check_equal(turns_beside(300), 0, "then nobody else has a turn");
    check_equal(budget_say("5"), EINVAL, "any other share is refused");
    check_equal(budget_say("95000"), 0, "what it was is taken back");
    check(turns_beside(300) > 0, "and others have their share again");
}

int main(void)
{
    order = mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    one_processor();
    if (policy_set(SCHED_FIFO, 1) == -EPERM && !on_faultline())
        return check_skip("real-time priorities are not for us", "real time"), tap_end();
    policy_set(SCHED_OTHER, 0);
    test_told();
    test_inherited();
    test_shown();
    test_order();
    test_wakes();
    memset((void *)order, 0, sizeof(*order));
    test_throttled(false, "work beside two that never sleep",
                   "is done, and they are ended");
    test_throttled(true, "the same with sleeps", "is done, and they are ended");
    test_budget();
    return tap_end();
}
