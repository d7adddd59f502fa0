/* demo-fragment.c - a space is whole though its frames are scattered: neighbours in it lie
 * anywhere in memory, and memory full of holes serves a big request as well as any.
 *
 * With contiguous allocation, holes of one frame each are worth nothing to a request for more
 * (external fragmentation). With paging every free frame is as good as every other. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/trace_note.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SHOWN = 8, MOST = 16384, RESERVE = 1024 };

static long *old_frames, *new_frames;

static int number_order(const void *a, const void *b)
{
    long one = *(const long *)a, two = *(const long *)b;

    return (one > two) - (one < two);
}

/* A permutation that takes neighbours far apart: multiplication by an odd number modulo a
 * power of two. */
static long scatter(long i, long count)
{
    return i * 2731 % count;
}

static void scene_scattered(void)
{
    enum { COUNT = 64 };
    long frames[COUNT], neighbours = 0;
    volatile char *region = region_map(COUNT);

    title("Neighbours in a space, scattered in memory");
    say("64 pages, touched in no particular order:");
    trace_note("%d pages are touched in no particular order", COUNT);
    for (int i = 0; i < COUNT; i++)
        region[scatter(i, COUNT) * PAGE] = 1;
    if (!frames_look((void *)region, COUNT, frames)) {
        cannot_tell("which frame holds which page");
        return;
    }
    for (int i = 0; i < SHOWN; i++)
        say("    address %p  ->  frame %ld", (void *)(region + i * PAGE), frames[i]);
    say("    ...");
    for (int i = 1; i < COUNT; i++)
        neighbours += frames[i] == frames[i - 1] + 1;
    claim(neighbours < COUNT / 2,
          "of 63 pairs of neighbours, %ld lie in neighbouring frames", neighbours);
    munmap((void *)region, COUNT * PAGE);
}

/* Runs of neighbouring frames among those given: the longest is the biggest request that
 * contiguous allocation could serve from them. */
static long longest_run(long *frames, long count)
{
    long longest = 0, run = 0;

    qsort(frames, count, sizeof(frames[0]), number_order);
    for (long i = 0; i < count; i++) {
        run = i > 0 && frames[i] == frames[i - 1] + 1 ? run + 1 : 1;
        if (run > longest)
            longest = run;
    }
    return longest;
}

static long frames_in_common(const long *sorted, const long *frames, long count)
{
    long common = 0;

    for (long i = 0; i < count; i++)
        common +=
            bsearch(&frames[i], sorted, count, sizeof(frames[0]), number_order) != NULL;
    return common;
}

/* Choose the pages to free so that their frames are no neighbours: one page where the frame
 * has an even number. Each freed page's frame goes to old_frames. How many. */
static long comb_free(volatile char *region, const long *frames, long count)
{
    long freed = 0;

    for (long i = 0; i < count; i++) {
        if (frames[i] % 2)
            continue;
        madvise((void *)(region + i * PAGE), PAGE, MADV_DONTNEED);
        old_frames[freed++] = frames[i];
    }
    return freed;
}

static bool holds(volatile char *region, long pages, const long *frames, bool odd_only)
{
    for (long i = 0; i < pages; i++)
        if ((!odd_only || frames[i] % 2 != 0) && region[i * PAGE] != (char)(i + 1))
            return false;
    return true;
}

static void touch(volatile char *region, long pages)
{
    for (long i = 0; i < pages; i++)
        region[i * PAGE] = (char)(i + 1);
}

static void scene_comb(void)
{
    long free_pages = memory_free() / 4;
    long count = free_pages - RESERVE < MOST ? free_pages - RESERVE : MOST;
    long *frames = calloc(count, sizeof(long));

    title("Memory full of holes");
    old_frames = calloc(count, sizeof(long));
    new_frames = calloc(count, sizeof(long));
    volatile char *region = region_map(count);
    trace_note("%ld pages are touched, in order", count);
    touch(region, count);
    if (!frames || !old_frames || !new_frames ||
        !frames_look((void *)region, count, frames)) {
        cannot_tell("which frame holds which page");
        return;
    }
    trace_note("every page in a frame of an even number is given back");
    long freed = comb_free(region, frames, count);
    long longest = longest_run(old_frames, freed);
    say("%ld pages touched, then every one in an even frame given back:", count);
    say("    %ld frames free, the longest run of neighbours among them: %ld", freed,
        longest);
    claim(longest == 1, "not two of them together: a comb");

    volatile char *big = region_map(freed);
    trace_note("one region of %ld pages is touched", freed);
    touch(big, freed);
    frames_look((void *)big, freed, new_frames);
    long reused = frames_in_common(old_frames, new_frames, freed);
    say("then one region of %ld pages asked for, and all of it touched:", freed);
    claim(holds(big, freed, NULL, false), "it is there, every page of it");
    say("    %ld of its pages lie in frames of the comb", reused);
    claim(holds(region, count, frames, true), "and nobody else lost anything");
    if (longest < freed)
        say("\nContiguous allocation could have given %ld page%s at a time from these %ld.",
            longest, longest == 1 ? "" : "s", freed);
    say("A table of pages makes any frame as good as any other: paging has no external");
    say("fragmentation. (What it has is internal: the rest of a last page.)");
}

int main(void)
{
    scene_scattered();
    scene_comb();
    return demo_end();
}
