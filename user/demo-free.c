/* demo-free.c - the free-frame list: where a frame comes from, where it goes, and who keeps
 * the list from running dry.
 *
 * Frames are taken at the head of the list and come back at its tail. Some are cleared ahead
 * of need, while the processor is idle. Some still keep the page they held, which can be
 * rescued until the frame is used again. Below `low`, pageoutd wakes and works to `high`. */
#define _GNU_SOURCE
#include "user/lib/arena.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/group.h"
#include "user/lib/trace_note.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

enum { FEW = 4, POOL = 64, KEPT = 32, PAGES_A_KIB = 4, NS_A_S = 1000000000 };

/* Frames on the list; of those, cleared ones. */
static long frames_free(void)
{
    return memory_free() / PAGES_A_KIB;
}

static long frames_zeroed(void)
{
    return field_read("/proc/meminfo", "ZeroedFrames") / PAGES_A_KIB;
}

static long time_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_A_S + now.tv_nsec;
}

static void touch(volatile char *region, long pages)
{
    for (long i = 0; i < pages; i++)
        region[i * PAGE] = 1;
}

/* A region of so many untouched pages, and behind it one that is touched: the tables that
 * lead there are there. */
static volatile char *region_with_table(size_t pages)
{
    volatile char *region = region_map(pages + 1);

    region[pages * PAGE] = 1;
    return region;
}

static void frames_say(const char *words, const long *frames)
{
    say("  %-28s %6ld %6ld %6ld %6ld", words, frames[0], frames[1], frames[2], frames[3]);
}

static bool any_again(const long *before, const long *after)
{
    for (int i = 0; i < FEW; i++)
        for (int j = 0; j < FEW; j++)
            if (before[i] == after[j])
                return true;
    return false;
}

static void scene_allocation(void)
{
    long first[FEW], second[FEW];
    volatile char *region = region_with_table(FEW);

    title("1. An allocation: from the head; what is given back goes to the tail");
    frames_look((void *)region, FEW, first); /* what looking needs, once */
    trace_note("%d pages are touched", FEW);
    long before = frames_free();
    touch(region, FEW);
    long after = frames_free();
    frames_look((void *)region, FEW, first);
    say("  free frames before %ld, after touching %d pages %ld", before, FEW, after);
    claim(before - after == FEW, "%d pages, %d frames", FEW, FEW);
    trace_note("they are given back");
    madvise((void *)region, FEW * PAGE, MADV_DONTNEED);
    long returned = frames_free();
    trace_note("they are touched again");
    touch(region, FEW);
    frames_look((void *)region, FEW, second);
    frames_say("the frames it got", first);
    frames_say("given back, touched again", second);
    claim(returned == before, "given back, the list is as long as before");
    claim(!any_again(first, second), "but others come first: the list is a queue");
    munmap((void *)region, (FEW + 1) * PAGE);
}

/* What touching a page takes, on average. */
static long touch_cost(volatile char *region)
{
    long begin = time_ns();

    touch(region, POOL);
    return (time_ns() - begin) / POOL;
}

static void scene_zeroed(void)
{
    volatile char *region = region_with_table(2 * POOL);
    const struct timespec nap = {0, NS_A_S / 5};

    title("2. The pool of zeroed frames: clearing while nothing else is to do");
    long zeroed = frames_zeroed();
    long plain_cost = zeroed < POOL / 4 ? touch_cost(region) : -1;
    trace_note("the processor rests");
    nanosleep(&nap, NULL);
    long pool = frames_zeroed();
    trace_note("%d pages are touched, whose frames are clear already", POOL);
    long pool_cost = touch_cost(region + POOL * PAGE);
    long after = frames_zeroed();
    say("  zeroed frames when we began %ld, after a nap %ld, after touching %d pages %ld",
        zeroed, pool, POOL, after);
    if (get_nprocs() == 1) {
        claim(pool > zeroed, "the idle processor cleared %ld frames", pool - zeroed);
        claim(pool - after >= POOL, "a first touch takes its frame from the pool");
    } else { /* others have idled before, and go on clearing */
        claim(pool >= POOL, "processors that idled have cleared %ld frames", pool);
        claim_in_time(pool > after,
                      "a first touch takes its frame from the pool, which another "
                      "processor fills again meanwhile");
    }
    if (plain_cost >= 0 && time_is_counted())
        claim(pool_cost < plain_cost,
              "%ld ns a touch instead of %ld: clearing was done before", pool_cost,
              plain_cost);
    munmap((void *)region, (2 * POOL + 1) * PAGE);
}

static void scene_rescue(void)
{
    title("3. Rescue: an evicted page stays in its frame until the frame is used again");
    volatile char *region = arena_open("demo-free", 2 * KEPT, NULL, KEPT);
    trace_note("%d pages are written", KEPT);
    touch(region, KEPT);
    trace_note("they are evicted");
    arena_tell("memory.reclaim", "131072"); /* KEPT pages */
    long resident = arena_number("memory.current", NULL) / PAGE;
    long read_before = value_read("/proc/vmstat", "pswpin");
    trace_note("they are touched again, before their frames are used");
    touch(region, KEPT);
    long read = value_read("/proc/vmstat", "pswpin") - read_before;
    long rescued = arena_number("memory.stat", "rescued");
    arena_close();
    say("  %d pages written and evicted, %ld resident; touched again: %ld rescued, %ld "
        "read",
        KEPT, resident, rescued, read);
    claim(resident == 0 && rescued == KEPT && read == 0,
          "all came back from the free list, none from the disk");
}

static void scene_pageoutd(void)
{
    long low = value_read("/proc/zoneinfo", "low"),
         high = value_read("/proc/zoneinfo", "high");
    long reserve = value_read("/proc/zoneinfo", "min");
    const struct timespec nap = {0, NS_A_S / 2};
    long pages = frames_free() + high, least = frames_free();
    volatile char *region = region_map(pages);

    title("4. pageoutd: wakes below low, works to high");
    say("  reserve %ld, low %ld, high %ld", reserve, low, high);
    long wakeups = value_read("/proc/vmstat", "pageoutd_wakeups");
    trace_note("%ld pages are touched, more than there are free frames", pages);
    long began = frames_free();
    for (long i = 0; i < pages; i++) {
        region[i * PAGE] = 1;
        if (i % (POOL / 4) == 0 && frames_free() < least)
            least = frames_free();
    }
    wakeups = value_read("/proc/vmstat", "pageoutd_wakeups") - wakeups;
    nanosleep(&nap, NULL);
    long rested = frames_free();
    say("  free when we began %ld; %ld pages touched; fewest free on the way %ld; at rest "
        "%ld",
        began, pages, least, rested);
    claim(wakeups > 0, "pageoutd woke %ld times", wakeups);
    claim(least >= reserve, "programs never got at the reserve");
    claim(rested >= low, "and there are frames free for whoever needs one next");
    munmap((void *)region, pages * PAGE);
}

int main(void)
{
    program_touch();
    scene_allocation();
    scene_zeroed();
    if (field_read("/proc/meminfo", "SwapTotal") > 0) {
        scene_rescue();
        scene_pageoutd();
    } else {
        say("\nWithout a swap area nothing of ours can be evicted. The rest of this is "
            "told by");
        say("tools/boot --ram 32M --swap 64M --swap-latency 200 -- demo-free");
    }
    return demo_end();
}
