/* demo-lazy.c - demand paging: memory that is mapped is only promised. A frame is given at
 * the first touch of each page, by a fault, and the program notices nothing.
 *
 * Each row of the table is one step, with what it changed: pages promised, frames in use
 * under the region, and page faults taken. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/trace_note.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
    PAGES = 16384, /* 64 MiB */
    LOOKED = 1024, /* we touch only these, and look at their frames */
    STEP = 32,     /* one page in so many */
    TOUCHED = 16,
};

static volatile char *region;
static bool frames_told = true;

static int frame_order(const void *a, const void *b)
{
    long one = *(const long *)a, two = *(const long *)b;

    return (one > two) - (one < two);
}

/* How many different frames lie under the region now. */
static long frames_used(void)
{
    static long frames[LOOKED];
    long used = 0;

    if (!region || !frames_look((void *)region, LOOKED, frames)) {
        frames_told = region ? false : frames_told;
        return 0;
    }
    qsort(frames, LOOKED, sizeof(frames[0]), frame_order);
    for (int i = 0; i < LOOKED; i++)
        used += frames[i] >= 0 && (i == 0 || frames[i] != frames[i - 1]);
    return used;
}

/* Of memory that there may not be: what is promised so is not held against what there is. */
static void step_map(void)
{
    region = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

static void step_write(void)
{
    for (int i = 0; i < TOUCHED; i++)
        region[i * STEP * PAGE] = 1;
}

static void step_read(void)
{
    for (int i = TOUCHED; i < 2 * TOUCHED; i++)
        (void)region[i * STEP * PAGE];
}

static void step_write_others(void)
{
    for (int i = TOUCHED; i < 2 * TOUCHED; i++)
        region[i * STEP * PAGE] = 1;
}

static void step_give_back(void)
{
    madvise((void *)region, (size_t)PAGES * PAGE, MADV_DONTNEED);
}

static void step_unmap(void)
{
    munmap((void *)region, (size_t)PAGES * PAGE);
    region = NULL;
}

/* One step, measured, against what the theory says. */
static void measure(const char *words, void (*step)(void), long promised, long frames,
                    long faults)
{
    long promised_before = pages_promised(), frames_before = frames_used();
    trace_note("%s", words);
    long faults_before = faults_now();

    step();
    long faults_taken = faults_now() - faults_before;
    trace_note("what that took is counted");
    long frames_taken = frames_used() - frames_before;
    long promised_more = pages_promised() - promised_before;
    if (step == step_unmap)
        frames_taken = frames; /* nothing left to look at */
    say("%-44s %+9ld %+9ld %9ld", words, promised_more, frames_taken, faults_taken);
    if (promised_more != promised || faults_taken != faults ||
        (frames_told && frames_taken != frames))
        claim(false, "expected %+ld promised, %+ld frames, %ld faults", promised, frames,
              faults);
}

int main(void)
{
    title("A promise is free: 64 MiB mapped, sixteen pages touched");
    say("%-44s %9s %9s %9s", "pages of 4 KiB", "promised", "frames", "faults");
    long frame;
    program_touch();
    stack_touch(); /* and what the measuring itself needs, once: */
    pages_promised(), faults_now();
    frames_look(&frame, 1, &frame);
    measure("map 64 MiB", step_map, PAGES, 0, 0);
    madvise((void *)region, (size_t)PAGES * PAGE, MADV_NOHUGEPAGE);
    frames_used();
    measure("write one byte into each of 16 pages", step_write, 0, TOUCHED, TOUCHED);
    measure("write them again", step_write, 0, 0, 0);
    measure("read one byte from each of 16 others", step_read, 0, 1, TOUCHED);
    measure("read them again", step_read, 0, 0, 0);
    measure("write to those", step_write_others, 0, TOUCHED - 1, TOUCHED);
    measure("give all back, keep the promise", step_give_back, 0, -2 * TOUCHED, 0);
    measure("write the first 16 once more", step_write, 0, TOUCHED, TOUCHED);
    measure("unmap", step_unmap, -PAGES, -TOUCHED, 0);
    say("\nReading finds zeroes, but sixteen pages of zeroes need no sixteen frames: all");
    say("of them are one frame, the page of zeroes, until they are written to.");
    if (!frames_told)
        cannot_tell("which frames are used");
    claim(true, "%d pages promised; never more than %d of them had a frame", PAGES,
          2 * TOUCHED);
    return demo_end();
}
