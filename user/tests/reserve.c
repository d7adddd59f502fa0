/* reserve.c - what the kernel takes of its reserve for a program, the program waits for.
 *
 * Objects of the kernel's come out of a reserve that pages leave alone, so that a call need not
 * wait in the middle. Before the program runs again there is as much as before: pages go for it.
 * So a program that asks for one thing after the other, where memory is full of pages that could
 * go, is refused nothing; and nobody else is. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE    4096l
#define REGIONS 6000
#define NAMES   1000

/* Memory is full, and goes on being so: half as many pages again as there are frames. */
static long filled;
static char *fill(void)
{
    filled = field_read("/proc/meminfo", "MemTotal") * 1024 * 3 / 2;
    char *pages = mmap(NULL, filled, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (pages == MAP_FAILED)
        bail("memory");
    for (long at = 0; at < filled; at += PAGE)
        pages[at] = 1;
    return pages;
}

/* So many regions, no two of which can be one. How many were refused. */
static int regions_make(void)
{
    char *place = mmap(NULL, 2 * REGIONS * PAGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int refused = 0;

    munmap(place, 2 * REGIONS * PAGE);
    for (int i = 0; i < REGIONS; i++)
        refused += mmap(place + 2 * i * PAGE, PAGE, PROT_READ,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED;
    munmap(place, 2 * REGIONS * PAGE);
    return refused;
}

static int directories_make(void)
{
    char name[32];
    int refused = 0;

    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof(name), "reserve-%d", i);
        refused += mkdir(name, 0700) != 0;
    }
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof(name), "reserve-%d", i);
        rmdir(name);
    }
    return refused;
}

int main(void)
{
    if (!on_faultline() || field_read("/proc/meminfo", "SwapTotal") <
                               2 * field_read("/proc/meminfo", "MemTotal")) {
        check_skip("needs swap for more than all memory", "the kernel's reserve");
        return tap_end();
    }
    char *pages = fill();
    check_equal(regions_make(), 0, "regions, where memory is full of pages that can go");
    check_equal(directories_make(), 0, "and directories: none is refused");
    munmap(pages, filled);
    return tap_end();
}
