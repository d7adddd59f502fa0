/* fault-cost.c - what replacement costs, in ticks of the time stamp counter.
 *
 *   fault-cost limit     major faults that evict modified pages, in a group at its limit
 *   fault-cost global    the same when memory itself is short
 *   fault-cost victim P  what policy P needs to name a victim among pages of which every
 *                        second was used: the cost of reclaiming, to be compared with FIFO's
 *
 * Where time is counted in instructions (tools/boot --shift 0), a tick is one. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/group.h"
#include "user/lib/raw.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LIMIT = 1024, VICTIMS = 256 };

static void write_all(char *region, size_t pages, char value)
{
    for (size_t i = 0; i < pages; i++)
        *(volatile char *)(region + i * PAGE) = value;
}

/* Round and round through more pages than there is room for, writing: each is a major fault
 * whose victim has been modified. */
static void measure_rounds(char *region, size_t pages)
{
    write_all(region, pages, 1);
    write_all(region, pages, 2);
    long majors = faults_major_now(), faults = faults_now();
    uint64_t begin = ticks();
    write_all(region, pages, 3);
    write_all(region, pages, 4);
    uint64_t cost = ticks() - begin;
    majors = faults_major_now() - majors;
    faults = faults_now() - faults;
    printf("pages %zu faults %ld majors %ld ticks %lu a_fault %lu\n", 2 * pages, faults,
           majors, cost, faults ? cost / faults : 0);
}

/* Take all memory but a little, for good: else what was evicted would be rescued from the
 * frames that nobody needs. */
static void memory_fill(long leave)
{
    long pages = memory_free() / 4 - leave;

    if (pages > 0)
        mlock(region_map(pages), pages * PAGE);
}

static int limit(void)
{
    if (!program_wire() || !group_make("cost") || !group_limit("cost", LIMIT))
        return 1;
    memory_fill(LIMIT + LIMIT / 2);
    char *region = region_map(4 * LIMIT);
    group_join("cost");
    measure_rounds(region, 4 * LIMIT);
    return 0;
}

static int global(void)
{
    size_t pages = memory_free() / 4 * 2;

    if (!program_wire())
        return 1;
    measure_rounds(region_map(pages), pages);
    return 0;
}

static int victim(const char *policy)
{
    if (!program_wire() || !group_make("cost") ||
        !group_tell("cost", "memory.policy", policy))
        return 1;
    char *region = region_map(4 * VICTIMS);
    group_join("cost");
    write_all(region, 4 * VICTIMS, 1);
    group_tell_number("cost", "memory.reclaim",
                      4 * VICTIMS * PAGE); /* all have slots now */
    for (size_t i = 0; i < 4 * VICTIMS; i++)
        (void)*(volatile char *)(region + i * PAGE);
    group_tell_number("cost", "memory.reclaim", PAGE); /* once round the clock */
    for (size_t i = 0; i < 4 * VICTIMS; i += 2)
        (void)*(volatile char *)(region + i * PAGE);
    uint64_t begin = ticks();
    group_tell_number("cost", "memory.reclaim", VICTIMS * PAGE);
    uint64_t cost = ticks() - begin;
    printf("victims %d ticks %lu a_victim %lu\n", VICTIMS, cost, cost / VICTIMS);
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc > 2 && strcmp(argv[1], "victim") == 0)
        return victim(argv[2]);
    return argc > 1 && strcmp(argv[1], "limit") == 0 ? limit() : global();
}
