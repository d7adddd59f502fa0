/* demo-fork.c - what fork costs, by the size of the process: copying pages, copying ptes.
 *
 *   demo-fork [--csv]
 *
 * Each row: a process with so many pages written forks; the parent's clock stops when fork
 * returns in it. Beside it: what copying all the pages would take, measured on as many. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/tap.h"
#include "user/lib/trace_note.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGES_A_MIB = 256, LARGEST = 16, NS_A_S = 1000000000 };

static long time_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_A_S + now.tv_nsec;
}

/* The child waits until the clock has been read: if its turn came first, its end would count. */
static long fork_cost(void)
{
    struct turns turns;

    turns_open(&turns);
    long begin = time_ns();
    pid_t child = fork();
    if (child == 0) {
        turn_of_parent(&turns);
        _exit(0);
    }
    long took = time_ns() - begin;
    if (child < 0)
        bail("fork");
    turn_to_child(&turns, 0);
    waitpid(child, NULL, 0);
    turns_close(&turns);
    return took;
}

/* What it takes to fill as many new pages from those of `region`. */
static long copy_cost(const char *region, size_t pages)
{
    char *copy = region_map(pages);
    long begin = time_ns();

    memcpy(copy, region, pages * PAGE);
    long took = time_ns() - begin;
    munmap(copy, pages * PAGE);
    return took;
}

static void measure(size_t pages, bool csv, long *forked, long *copied)
{
    char *region = region_map(pages);

    memset(region, 1, pages * PAGE);
    trace_note("a process that has written %zu pages forks", pages);
    *forked = fork_cost();
    munmap(region, pages * PAGE);
    region = region_map(pages); /* not shared with anybody */
    memset(region, 1, pages * PAGE);
    trace_note("%zu pages are copied, one by one", pages);
    *copied = copy_cost(region, pages);
    munmap(region, pages * PAGE);
    if (csv)
        say("%zu,%.3f,%ld,%ld", pages, (double)pages / PAGES_A_MIB, *forked, *copied);
    else
        say("%8zu %8.2f %14.1f %16.1f %8.1f", pages, (double)pages / PAGES_A_MIB,
            *forked / 1e3, *copied / 1e3, (double)*copied / *forked);
}

/* As many pages and their copy, and a little for everything else, are free. */
static bool there_is_room(size_t pages)
{
    return memory_free() >= (long)(2 * pages + PAGES_A_MIB) * (PAGE / 1024);
}

int main(int argc, char *argv[])
{
    bool csv = argc > 1 && strcmp(argv[1], "--csv") == 0;
    long forked = 1, copied = 1;
    size_t pages = PAGES_A_MIB / 16;

    program_touch();
    fork_cost(); /* and what this needs, once */
    if (csv) {
        say("pages,mib,fork_ns,copy_ns");
    } else {
        title("fork copies no page: what it takes, by size");
        say("%8s %8s %14s %16s %8s", "pages", "MiB", "fork, us", "copying, us", "ratio");
    }
    for (; pages <= LARGEST * PAGES_A_MIB && there_is_room(pages); pages *= 2)
        measure(pages, csv, &forked, &copied);
    pages /= 2;
    if (!csv && pages < LARGEST * PAGES_A_MIB)
        say("\nThere is no memory for more: tools/boot --ram 64M -- demo-fork");
    else if (!csv && !time_is_counted())
        say("\nThe time here is the host's: tools/boot without --realtime counts "
            "instructions.");
    else if (!csv)
        claim(copied > 10 * forked, "at %d MiB copying would take %.0f times as long",
              LARGEST, (double)copied / forked);
    return demo_end();
}
