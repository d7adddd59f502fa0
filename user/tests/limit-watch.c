/* limit-watch.c - a group's limit, looked at from outside while it is fought over.
 *
 *   limit-watch FRAMES
 *
 * Three processes of one group want more than it may have; a fourth, outside, reads
 * memory.current again and again. Prints how often it looked, and the most that it, and the
 * kernel's own note of the peak, ever saw, in frames. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { WORKERS = 3, PAGES = 200, TOUCHES = 6000 };

static const char group[] = "watched";

static int worker(void *argument)
{
    uint32_t dice = *(uint32_t *)argument;
    char *region = region_map(PAGES);

    if (!group_join(group))
        return 1;
    for (int i = 0; i < TOUCHES; i++) {
        dice = dice * 1664525u + 1013904223u;
        volatile char *byte = region + (size_t)(dice >> 16) % PAGES * PAGE;
        if (dice & 0x8000)
            *byte = (char)i;
        else
            (void)*byte;
    }
    return 0;
}

int main(int argc, char *argv[])
{
    unsigned long frames = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;
    long looks = 0, most = 0;
    int status, bad = 0;

    if (!group_make(group) || !group_limit(group, frames)) {
        perror("limit-watch");
        return 1;
    }
    for (uint32_t i = 1; i <= WORKERS; i++)
        child_start(worker, &i);
    for (int ended = 0; ended < WORKERS; looks++) {
        long now = group_number(group, "memory.current", NULL) / PAGE;

        most = now > most ? now : most;
        if (waitpid(-1, &status, WNOHANG) > 0) {
            ended++;
            bad |= status;
        }
        sched_yield();
    }
    long peak = group_number(group, "memory.peak", NULL) / PAGE;
    printf("looks %ld most %ld peak %ld evicted %ld status %d\n", looks, most, peak,
           group_number(group, "memory.stat", "pgsteal"), bad);
    return bad || !group_remove(group);
}
