/* demo-ws.c - working sets: the pages a process used within the last Δ.
 *
 * First the textbook's example, in references: exact mode has every reference trap, so that
 * the kernel knows the last ten of them. Then by sampling, as it is done in earnest: a
 * program goes through phases whose pages are known, and the kernel, looking at the A bits
 * every eighth of Δ, says how many it takes them to be.
 *
 *   demo-ws [--csv [PAGES...]]     --csv: the second part, sample by sample, phases of so
 *                                  many pages
 *   demo-ws --window N PAGE...     another string (pages 0 to 15) and window: a line for each
 *                                  reference, its page and the set after it */
#define _GNU_SOURCE
#include "user/lib/arena.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"
#include "user/lib/trace_note.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGES = 16, FRAMES = 16, AT_T1 = 10, AT_T2 = 26 };

static const char string[] = "2615777751623412344434344413234443444";

/* The pages that the kernel says are in the working set, as a bit each. */
static unsigned set_read(const char *region)
{
    static char text[4096];
    int file = open("/sys/fs/cgroup/demo-ws/memory.workingset", O_RDONLY);
    ssize_t got = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
    unsigned set = 0;

    if (got < 0)
        bail("memory.workingset");
    close(file);
    text[got] = '\0';
    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        set |= 1u << (strtoul(line, NULL, 16) - (unsigned long)region) / PAGE;
    return set;
}

static void set_tell(unsigned set, char *text)
{
    *text++ = '{';
    for (int page = 0, some = 0; page < PAGES; page++)
        if (set >> page & 1)
            text += sprintf(text, "%s%d", some++ ? "," : "", page);
    strcpy(text, "}");
}

/* From here on exact mode tells the pages of the last `window` references. */
static volatile char *exact_begin(const char *window)
{
    char *region = arena_open("demo-ws", FRAMES, NULL, PAGES);

    arena_tell("memory.window", window);
    arena_tell("memory.exact", "1");
    return region;
}

static void exact_end(void)
{
    arena_tell("memory.exact", "0");
    arena_close();
}

/* Refer to a page. The working set then, as text too. */
static unsigned set_after(volatile char *region, int page, char *text)
{
    (void)region[page * PAGE];
    unsigned set = set_read((char *)region);
    set_tell(set, text);
    return set;
}

static void textbook(void)
{
    volatile char *region;
    unsigned at_t1 = 0, at_t2 = 0;
    char text[64];

    title("1. In references: the textbook's string, with a window of ten");
    region = exact_begin("10");
    for (int t = 1; string[t - 1]; t++) {
        trace_note("reference %d: page %c is used; the window is the last ten references",
                   t, string[t - 1]);
        unsigned set = set_after(region, string[t - 1] - '0', text);
        at_t1 = t == AT_T1 ? set : at_t1;
        at_t2 = t == AT_T2 ? set : at_t2;
        say("  t = %2d  page %c  working set %-14s %s", t, string[t - 1], text,
            t == AT_T1   ? "<- t1"
            : t == AT_T2 ? "<- t2"
                         : "");
    }
    exact_end();
    claim(at_t1 == (1u << 1 | 1u << 2 | 1u << 5 | 1u << 6 | 1u << 7),
          "at t1 it is {1,2,5,6,7}");
    claim(at_t2 == (1u << 3 | 1u << 4), "at t2 it is {3,4}");
}

/* Another string and window: what each reference makes of the set. */
static int string_of(const char *window, int count, char *pages[])
{
    char text[64];
    volatile char *region = exact_begin(window);

    for (int t = 0; t < count; t++) {
        int page = atoi(pages[t]);
        if (page < 0 || page >= PAGES)
            bail("pages are 0 to 15");
        set_after(region, page, text);
        say("%d %d %s", t + 1, page, text);
    }
    exact_end();
    return demo_end();
}

/* --- By sampling ---------------------------------------------------------------------- */

#define SETTING "/proc/sys/vm/working_set_window"

enum {
    WINDOW_MS = 100,
    PHASE_WINDOWS = 4,
    SAMPLES_A_WINDOW = 8,
    LARGEST = 2000,
    PHASES = 32
};

static int phases[PHASES] = {16, 200, 2000, 50, 1000, 16};
static int phase_count = 6;

static void setting_write(long milliseconds)
{
    FILE *file = fopen(SETTING, "w");

    if (!file || fprintf(file, "%ld\n", milliseconds) < 0 || fclose(file) != 0)
        bail(SETTING);
}

/* Our own running time, ms. */
static double time_own(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* Use those pages, round and round, until that time. */
static void use_until(volatile char *region, int pages, double end)
{
    do {
        for (int i = 0; i < pages; i++)
            (void)region[i * PAGE];
    } while (time_own() < end);
}

static long set_sampled(void)
{
    return field_read("/proc/self/status", "WorkingSet") * 1024 / PAGE;
}

/* What the program itself is, without the region: code, stack, what looking needs. */
static long set_of_program(void)
{
    double begin = time_own();
    long set = 0;

    for (int i = 1; i <= 2 * SAMPLES_A_WINDOW; i++) {
        use_until(NULL, 0, begin + (double)i * WINDOW_MS / SAMPLES_A_WINDOW);
        set = set_sampled();
    }
    return set;
}

static bool is_near(long set, long known)
{
    return labs(set - known) * 10 <= known;
}

/* Samples are printed at the end: printing uses pages too. */
static struct sample {
    double time;
    long known, set;
} samples[PHASES * PHASE_WINDOWS * SAMPLES_A_WINDOW];
static int sample_count;

static void samples_print(void)
{
    say("time_ms,known,working_set");
    for (int i = 0; i < sample_count; i++)
        say("%.2f,%ld,%ld", samples[i].time, samples[i].known, samples[i].set);
}

/* One phase; samples it, and tells when the sampled set had come within a tenth. True: it stayed
 * there from the second window on. */
static bool phase(volatile char *region, int pages, long program, bool csv)
{
    trace_note("a phase begins: %d pages are used, round and round", pages);
    double begin = time_own(), near = -1;
    long known = program + pages, set = 0;
    bool stayed = true;

    for (int i = 1; i <= PHASE_WINDOWS * SAMPLES_A_WINDOW; i++) {
        use_until(region, pages, begin + (double)i * WINDOW_MS / SAMPLES_A_WINDOW);
        double passed = (time_own() - begin) / WINDOW_MS;
        set = set_sampled();
        if (is_near(set, known))
            near = near < 0 ? passed : near;
        else
            near = -1;
        stayed &= passed <= 2 || is_near(set, known);
        samples[sample_count++] = (struct sample){begin + passed * WINDOW_MS, known, set};
    }
    if (!csv)
        say("%8d %10ld %10ld %16.2f", pages, known, set, near);
    return stayed;
}

static void sampled(bool csv)
{
    long window = number_read(SETTING);
    volatile char *region = region_map(LARGEST);

    setting_write(WINDOW_MS);
    program_touch();
    for (int i = 0; i < LARGEST; i++)
        region[i * PAGE] = 1;
    long program = set_of_program();
    program = set_of_program();
    if (!csv) {
        title("2. By sampling: phases of known size, with a window of 100 ms of running");
        say("  (of the known set, %ld pages are the program itself)", program);
        say("%8s %10s %10s %16s", "pages", "known set", "sampled", "found after, Δ");
    }
    bool stayed = true;
    for (int i = 0; i < phase_count; i++)
        stayed &= phase(region, phases[i], program, csv);
    setting_write(window);
    if (csv)
        samples_print();
    else
        claim_in_time(
            stayed,
            "each within a tenth of what it is, two windows after it began at the latest");
}

int main(int argc, char *argv[])
{
    bool csv = argc > 1 && strcmp(argv[1], "--csv") == 0;

    if (argc > 3 && strcmp(argv[1], "--window") == 0)
        return string_of(argv[2], argc - 3, argv + 3);
    if (argc > 2)
        phase_count = 0;
    for (int i = 2; i < argc && phase_count < PHASES; i++)
        phases[phase_count++] = atoi(argv[i]) < LARGEST ? atoi(argv[i]) : LARGEST;
    if (!csv)
        textbook();
    sampled(csv);
    return demo_end();
}
