/* wants-more.c - processes that each want more than there is, for a while.
 *
 *   wants-more PROCESSES PAGES TOUCHES
 *
 * Each touches its pages in a random order, its own number in each, and looks whether they
 * still have what it wrote. Prints how many found everything as it should be. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static long pages, touches;

static int worker(void *argument)
{
    uint32_t me = *(uint32_t *)argument, dice = me;
    volatile uint32_t *words = (volatile uint32_t *)region_map((size_t)pages);

    for (long i = 0; i < touches; i++) {
        dice = dice * 1664525u + 1013904223u;
        volatile uint32_t *word = words + (size_t)(dice >> 8) % (size_t)pages * (PAGE / 4);
        if (*word != 0 && *word != me)
            return 1;
        *word = me;
    }
    return 0;
}

int main(int argc, char *argv[])
{
    int status, right = 0, started = 0;

    if (argc != 4)
        return 2;
    pages = strtol(argv[2], NULL, 10);
    touches = strtol(argv[3], NULL, 10);
    for (uint32_t i = 1; i <= strtoul(argv[1], NULL, 10); i++)
        started += child_start(worker, &i) > 0;
    while (wait(&status) > 0)
        right += status == 0;
    printf("started %d right %d\n", started, right);
    return right != started;
}
