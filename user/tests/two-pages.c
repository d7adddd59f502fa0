/* two-pages.c - an instruction that touches several pages completes, however few there are.
 *
 *   two-pages POLICY
 *
 * In a group of exactly as many frames as one instruction needs, each fault of it evicts a
 * page, and a policy that does not look at the order of use may choose the very page that the
 * same instruction has just brought in, for ever. Copies from page to page, across the edges
 * of pages, many times, with every byte checked. Prints `copied N`. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/group.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGES = 16, ROUNDS = 2000 };

static uint32_t dice = 1;

static uint32_t below(uint32_t bound)
{
    dice = dice * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)dice * bound >> 32);
}

/* One instruction that reads eight bytes and writes them elsewhere. */
static void copy(char *to, const char *from)
{
    __asm__ volatile("movsq" : "+S"(from), "+D"(to) : : "memory");
}

/* Offsets from which eight bytes lie in one page, or across the edge of two. */
static size_t place(bool across)
{
    size_t page = below(PAGES - 1);

    return page * PAGE + (across ? PAGE - 1 - below(7) : 8 * below(PAGE / 8));
}

static bool run(const char *group, const char *policy, unsigned frames, bool across)
{
    static char model[PAGES * PAGE];
    bool right = true;

    memset(model, 0, sizeof(model));
    if (!group_make(group) || !group_limit(group, frames) ||
        !group_tell(group, "memory.policy", policy) || !program_wire())
        return false;
    char *region = region_map(PAGES);
    group_tell(group, "memory.tick", "period 1");
    group_join(group);
    for (int i = 0; i < ROUNDS; i++) {
        size_t to = place(across), from = place(across);

        memcpy(model + from, &i, sizeof(i)); /* something new to carry */
        *(volatile char *)(region + from) = model[from];
        for (size_t k = 0; k < 8; k++)
            *(volatile char *)(region + from + k) = model[from + k];
        memmove(model + to, model + from, 8);
        copy(region + to, region + from);
    }
    group_join(GROUP_ROOT);
    long peak = group_number(group, "memory.peak", NULL);
    for (size_t i = 0; i < sizeof(model); i++)
        right &= region[i] == model[i];
    munmap(region, PAGES * PAGE);
    return group_remove(group) && right && peak == (long)frames * PAGE;
}

int main(int argc, char *argv[])
{
    const char *policy = argc > 1 ? argv[1] : "random";

    if (!run("two", policy, 2, false) || !run("four", policy, 4, true)) {
        printf("wrong under %s\n", policy);
        return 1;
    }
    printf("copied %d\n", 2 * ROUNDS);
    return 0;
}
