/* long-calls.c - a call that has much to do lets others run meanwhile: a program that computes has
 * no gap much longer than a turn. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONGEST_MS 50 /* several turns */
#define ENTRIES    4000

static volatile int *begun;

static long now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The next call is that which is measured. */
static void ready(void)
{
    *begun = 1;
    while (*begun == 1)
        sched_yield();
}

/* 2 GiB, all of them a hole, to nowhere. */
static int send_much(void *argument)
{
    int from = open("long-call", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int to = open("/dev/null", O_WRONLY);

    (void)argument;
    unlink("long-call");
    if (ftruncate(from, 1l << 31) != 0)
        return 1;
    ready();
    return sendfile(to, from, NULL, 1l << 31) > 1 << 30 ? 0 : 2;
}

/* Many events at once, all of one file. */
static int look_at_many(void *argument)
{
    static struct epoll_event found[ENTRIES];
    struct rlimit limit = {ENTRIES + 100, ENTRIES + 100};
    int set = epoll_create1(0), file = eventfd(0, 0);

    (void)argument;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int i = 0; i < ENTRIES; i++) {
        struct epoll_event event = {.events = EPOLLIN};
        if (epoll_ctl(set, EPOLL_CTL_ADD, dup(file), &event) != 0)
            return 1;
    }
    eventfd_write(file, 1);
    ready();
    for (int i = 0; i < 5; i++)
        if (epoll_wait(set, found, ENTRIES, 0) <= 0)
            return 2;
    return 0;
}

static void test_beside(int (*call)(void *), const char *what)
{
    long last, longest = 0;
    int status = -1;

    *begun = 0;
    pid_t child = child_start(call, NULL);
    while (!*begun && waitpid(child, &status, WNOHANG) == 0)
        sched_yield();
    last = now_us();
    *begun = 2;
    while (status == -1 && waitpid(child, &status, WNOHANG) == 0) {
        long now = now_us();
        longest = now - last > longest ? now - last : longest;
        last = now;
    }
    longest = now_us() - last > longest ? now_us() - last : longest;
    check(status == 0, "%s", what);
    /* Our clock is the machine's own; Linux's is on the wall, and its machine may be busy. */
    if (!check(!on_faultline() || longest < LONGEST_MS * 1000, "and others run meanwhile"))
        note("a gap of %ld us", longest);
}

int main(void)
{
    begun = shared_page();
    test_beside(send_much, "sendfile of 2 GiB");
    test_beside(look_at_many, "epoll_wait for many files");
    return tap_end();
}
