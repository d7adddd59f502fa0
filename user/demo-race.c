/* demo-race.c - a race in which the kernel is right in every order, and a seed that finds the order
 * in which it would not be.
 *
 * A page is mapped, and has the number of the round in it. Another processor reads it all the time,
 * and has page faults of its own in between, so that it goes in and out of the kernel without
 * waiting for the kernel's lock. Then the page is mapped anew, over itself: its frame is free, and
 * the other must be told before. What if it is just on its way out, when it is looked whether it
 * has to be told? In the right order of steps it is seen, or sees (arch/shootdown.c). In a kernel
 * that looks too early it goes on with the page of the round before, until it enters the
 * kernel next: `--interleave SEED` finds that.
 *
 * The round is written to the new page, and then told. So who has heard of a round, and then reads
 * the page, finds that round or a later one, however the processors take turns. If it
 * finds an earlier one, it has read a frame that was not the page's any more. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/processor.h"
#include "user/lib/trace_note.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROUNDS = 300, FRESH = 512, LOOKS = 6 };

static volatile unsigned long *page;
static volatile unsigned long told; /* the round that the page has, or a later one */
static volatile int over, begun;

/* What the other processor has found. */
static unsigned long looks, late, first_late, first_found;

/* PAUSE: under emulation another processor goes on. */
static void pause_here(void)
{
    __builtin_ia32_pause();
}

static void look(void)
{
    unsigned long heard = told;
    unsigned long found = *page;
    looks++;
    if (found == 0 || found >= heard)
        return; /* 0: it is new, and not written yet */
    if (late++ == 0) {
        first_late = heard;
        first_found = found;
        trace_note("a round is read that is over: the frame is not the page's any more");
    }
}

/* Faults, and looks behind each. */
static void *watch(void *unused)
{
    run_on(1);
    while (!over) {
        char *fresh = region_map(FRESH);
        for (int i = 0; i < FRESH && !over; i++) {
            fresh[i * PAGE] = 1;
            for (int n = 0; n < LOOKS; n++) {
                look();
                pause_here();
            }
            begun = 1;
        }
        munmap(fresh, FRESH * PAGE);
    }
    return unused;
}

static void round_begin(unsigned long number)
{
    mmap((void *)page, PAGE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    *page = number;
    told = number;
    for (int i = 0; i < LOOKS; i++)
        pause_here();
}

int main(void)
{
    pthread_t thread;

    setvbuf(stdout, NULL, _IOLBF, 0);
    title("A page is mapped anew while another processor comes from the kernel");
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        say("  There is one processor here, and nobody comes in between.");
        cannot_tell("what another finds (tools/boot --cpus 2)");
        return demo_end();
    }
    run_on(0);
    page = (volatile unsigned long *)region_map(1);
    pthread_create(&thread, NULL, watch, NULL);
    while (!begun)
        sched_yield();
    for (unsigned long number = 1; number <= ROUNDS; number++)
        round_begin(number);
    over = 1;
    pthread_join(thread, NULL);
    say("  %d rounds; the other processor has looked %s", ROUNDS,
        looks > ROUNDS ? "more often than that" : "now and then");
    if (late)
        say("  %lu times it has found a round that was over: first %lu, having heard of "
            "%lu",
            late, first_found, first_late);
    claim(!late, "whoever has heard of a round finds that round, or a later one");
    return demo_end();
}
