/* demo-eat.c - effective access time: what a reference takes on average when one in so many
 * is a page fault.
 *
 *     effective access time = (1 - p) x memory access + p x page fault
 *
 * The fault rate p is known, for the program makes it: of every 1/p references one goes
 * to a page that has been evicted and whose frame was used again since (a loop longer
 * than what is resident or free, under FIFO), all others to a page that is wired. The
 * formula's value comes from the kernel's counters (faults, and the time its disk was
 * busy) and the time of a reference that does not fault; beside it stands what the clock
 * measured.
 *
 *   demo-eat [--csv [RATE...]]   the disk is slow with tools/boot --swap-latency 8000;
 *                                --csv 25 400: one reference in 25 faults, one in 400 */
#define _GNU_SOURCE
#include "user/lib/arena.h"
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"
#include "user/lib/trace_note.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { FRAMES = 8, FREE = 512, PAGES = FRAMES + FREE + 128, FAULTS = 96 };

static struct turns turns;
static char wired[PAGE] __attribute__((aligned(PAGE)));
enum { RATES = 6 };
static long one_in[RATES] = {1, 10, 100, 1000, 10000, 100000};
static int rates = RATES;

/* Take all frames but FREE out of the game: what is evicted is to be read again from the
 * disk, not rescued from the free list. A child holds them; it does nothing else. */
static int ballast_hold(void *unused)
{
    long pages = memory_free() * 1024 / PAGE - FREE;
    char *ballast = pages > 0 ? region_map(pages) : NULL;

    (void)unused;
    for (long i = 0; i < pages; i++)
        ballast[i * PAGE] = 1;
    mlock(ballast, pages * PAGE);
    turn_to_parent(&turns, 'f');
    return turn_of_parent(&turns);
}

static pid_t memory_fill(void)
{
    turns_open(&turns);
    pid_t child = child_start(ballast_hold, NULL);
    turn_of_child(&turns);
    return child;
}

static double time_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Requests that the swap area has served as reads, and the time they took in its hands, ms. */
static bool disk_look(long *reads, double *milliseconds)
{
    static char line[256];
    FILE *file = fopen("/proc/diskstats", "r");
    bool found = false;
    long took;

    while (file && !found && fgets(line, sizeof(line), file))
        found = sscanf(line, " %*d %*d swap %ld 0 %*d %ld", reads, &took) == 2;
    if (file)
        fclose(file);
    *milliseconds = (double)took;
    return found;
}

/* References to where no fault can be. */
static void touch_wired(long count)
{
    volatile char *byte = wired;

    for (long i = 0; i < count; i++)
        (void)byte[i % PAGE];
}

/* What one such reference takes, with its loop, ns. */
static double access_measure(void)
{
    enum { MANY = 1000000 };
    double begin = time_ns();

    touch_wired(MANY);
    return (time_ns() - begin) / MANY;
}

struct measured {
    long references, faults;
    double each_ns; /* the effective access time */
};

/* One fault, then `every` - 1 references without. */
static struct measured run(volatile char *region, long every)
{
    static long page;
    long before = arena_number("memory.stat", "pswpin");
    long faults = every > 10000 ? FAULTS / 8 : FAULTS;
    trace_note("one reference in %ld is to a page that has gone", every);
    double begin = time_ns();

    for (long i = 0; i < faults; i++) {
        (void)region[page * PAGE];
        page = (page + 1) % PAGES;
        touch_wired(every - 1);
    }
    double end = time_ns();
    return (struct measured){faults * every, arena_number("memory.stat", "pswpin") - before,
                             (end - begin) / (double)(faults * every)};
}

/* Write each page, so that it has contents, and read three times round, so that each is
 * clean in its slot: from then on a fault reads once and writes nothing. */
static void prepare(volatile char *region)
{
    trace_note("every page is written, goes to the swap area, and is clean there");
    for (int i = 0; i < PAGES; i++)
        region[i * PAGE] = 1;
    for (int i = 0; i < 3 * PAGES; i++)
        (void)region[i % PAGES * PAGE];
}

static void head_say(double access, double service, bool csv)
{
    if (csv) {
        say("one_in,references,faults,memory_access_ns,fault_service_ns,formula_ns,"
            "measured_ns");
        return;
    }
    say("a reference without a fault     %10.1f ns", access);
    say("the disk's service of a fault   %10.1f ns\n", service);
    say("%8s %11s %8s %15s %15s %9s", "p", "references", "faults", "formula, ns",
        "measured, ns", "slowdown");
}

static void row_say(const struct measured *m, long every, double access, double service,
                    bool csv)
{
    double p = (double)m->faults / (double)m->references;
    double formula = (1 - p) * access + p * service;

    if (csv)
        say("%ld,%ld,%ld,%.2f,%.1f,%.2f,%.2f", every, m->references, m->faults, access,
            service, formula, m->each_ns);
    else
        say("1/%-6ld %11ld %8ld %15.1f %15.1f %9.1f", every, m->references, m->faults,
            formula, m->each_ns, m->each_ns / access);
    if (m->references != m->faults * every)
        claim(false, "expected %ld faults", m->references / every);
}

/* What a fault takes beside the disk's service, ns: a small difference of large numbers, which the
 * host's time, where it passes, is too rough for. */
static void rest_say(double rest, double service)
{
    say("\nWhat is measured and not in the formula is the kernel's own work for a fault, "
        "and");
    if (time_is_counted()) {
        say("putting the program back on the processor: %.1f microseconds each.",
            rest / 1e3);
        if (service >= 1e6)
            claim(rest < service / 10, "most of a fault is waiting for the disk");
    } else {
        say("putting the program back on the processor. The time here is the host's, and "
            "varies "
            "by");
        say("more than that: tools/boot without --realtime can tell how much it is.");
    }
}

/* Other rates than those: one in so many. */
static void rates_take(int count, char *words[])
{
    rates = count < RATES ? count : RATES;
    for (int i = 0; i < rates; i++) {
        one_in[i] = atol(words[i]);
        if (one_in[i] < 1)
            bail("one in how many?");
    }
}

int main(int argc, char *argv[])
{
    bool csv = argc > 1 && strcmp(argv[1], "--csv") == 0;
    struct measured measured[RATES];
    long reads_before, reads;
    double took_before, took;

    if (csv && argc > 2)
        rates_take(argc - 2, argv + 2);
    if (field_read("/proc/meminfo", "SwapTotal") <= 0)
        bail("there is no swap area: tools/boot --swap 16M --swap-latency 8000");
    pid_t ballast = memory_fill();
    volatile char *region = arena_open("demo-eat", FRAMES, "fifo", PAGES);
    prepare(region);
    double access = access_measure();
    if (!disk_look(&reads_before, &took_before))
        bail("/proc/diskstats");
    for (int i = 0; i < rates; i++)
        measured[i] = run(region, one_in[i]);
    disk_look(&reads, &took);
    double service = (took - took_before) * 1e6 / (double)(reads - reads_before);
    arena_close();
    turn_to_child(&turns, 0);
    child_wait(ballast);

    if (!csv)
        title("Effective access time = (1 - p) x memory access + p x page fault");
    head_say(access, service, csv);
    for (int i = 0; i < rates; i++)
        row_say(&measured[i], one_in[i], access, service, csv);
    if (csv)
        return demo_end();
    rest_say(10 * (measured[1].each_ns - access) - service, service);
    if (service >= 1e6) {
        claim(measured[3].each_ns > 8 * access,
              "one fault in 1000 references: %.0f times "
              "slower",
              measured[3].each_ns / access);
        say("For a tenth more than without faults, p may be one in %.0f.",
            (service - access) / (access / 10));
    } else {
        say("This disk is fast. Try tools/boot --swap 16M --swap-latency 8000 -- demo-eat");
    }
    return demo_end();
}
