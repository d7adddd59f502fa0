/* fork-cost.c - what a child costs that ends at once, beside others that wait.
 *
 *   fork-cost FORKS WAITING
 *
 * Whoever divides frames among processes has to look at them: but neither for each child at
 * all of memory, nor, for each, at all the others. */
#include "user/lib/child.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int waits(void *argument)
{
    (void)argument;
    pause();
    return 0;
}

static int ends(void *argument)
{
    (void)argument;
    return 0;
}

static void forks(int count)
{
    for (int i = 0; i < count; i++)
        if (child_run(ends, NULL) != 0)
            exit(1);
}

int main(int argc, char *argv[])
{
    int count = argc > 1 ? atoi(argv[1]) : 100, waiting = argc > 2 ? atoi(argv[2]) : 0;
    pid_t *children = calloc((size_t)waiting + 1, sizeof(*children));

    for (int i = 0; children && i < waiting; i++)
        children[i] = child_start(waits, NULL);
    forks(10);
    uint64_t begin = now_ns();
    forks(count);
    uint64_t cost = (now_ns() - begin) / (uint64_t)count;
    printf("forks %d waiting %d ns %lu\n", count, waiting, (unsigned long)cost);
    for (int i = 0; children && i < waiting; i++)
        kill(children[i], SIGKILL);
    while (wait(NULL) > 0)
        ;
    return 0;
}
