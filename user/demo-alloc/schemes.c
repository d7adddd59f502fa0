/* schemes.c - three processes and 400 frames, divided by each scheme in turn.
 *
 * They use what they have been promised differently: one all of a little, one a little of
 * much, one all of much. Each scheme looks at something else, and none but the last two at
 * what is really in use. */
#include "user/demo-alloc/demo-alloc.h"
#include "user/demo-alloc/worker.h"
#include "user/lib/demo.h"
#include "user/lib/group.h"
#include "user/lib/trace_note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOUNDS "100 1000"

enum { FRAMES = 400, COUNT = 3, THINK = 2000, WARM = 300, MEASURE = 1000 };

static struct worker workers[COUNT] = {
    {.name = "small", .group = "small", .pages = 40, .nice = 0},
    {.name = "sparse", .group = "sparse", .pages = 200, .nice = 5},
    {.name = "large", .group = "large", .pages = 300, .nice = -5},
};
static const long sets[COUNT] = {40, 60, 300};

static const struct scheme {
    const char *name;
    long settles; /* ms until it has found what it gives */
    const char *words;
} schemes[] = {
    {"equal", 300, "the same for each, whatever it is"},
    {"proportional", 300, "by size: what is promised counts, used or not"},
    {"priority", 300, "by nice value: whoever matters more gets more"},
    {"fault-frequency", 3000, "until the rate of faults lies between the bounds"},
    {"working-set", 2000, "what has been used within the window"},
};
enum { SCHEMES = sizeof(schemes) / sizeof(*schemes) };

struct seen {
    long share, faults, touches, working_set;
};

/* Bounds on faults per second of running, in which each makes some 5,000 references. */
static void begin(void)
{
    if (!group_tell(GROUP_ROOT, "memory.fault_bounds", BOUNDS))
        fail("memory.fault_bounds");
    for (int i = 0; i < COUNT; i++) {
        if (!group_make(workers[i].group) || !worker_start(&workers[i], sets[i]))
            fail("a process in a group of its own");
    }
    pass(WARM); /* every page has been there once */
    for (int i = 0; i < COUNT; i++)
        workers[i].work->think = THINK;
}

static void end(void)
{
    group_tell(GROUP_ROOT, "memory.allocation", "global");
    for (int i = 0; i < COUNT; i++) {
        worker_stop(&workers[i]);
        if (!group_remove(workers[i].group))
            fail("rmdir of a group");
    }
}

static void divide(const char *scheme)
{
    char text[64];

    trace_note("%d frames are divided: %s", FRAMES, scheme);
    snprintf(text, sizeof(text), "%s %d", scheme, FRAMES);
    if (!group_tell(GROUP_ROOT, "memory.allocation", text))
        fail("memory.allocation");
}

static void scheme_measure(const struct scheme *scheme, struct seen seen[COUNT])
{
    divide(scheme->name);
    pass(scheme->settles);
    for (int i = 0; i < COUNT; i++) {
        seen[i].touches = -workers[i].work->touches;
        seen[i].faults = -workers[i].work->faults;
    }
    pass(MEASURE);
    for (int i = 0; i < COUNT; i++) {
        seen[i].touches += workers[i].work->touches;
        seen[i].faults += workers[i].work->faults;
        seen[i].share = group_number(workers[i].group, "memory.claim", "share");
        seen[i].working_set = group_number(workers[i].group, "memory.claim", "working_set");
    }
}

/* Faults in a hundred references. */
static double rate(const struct seen *seen)
{
    return seen->touches > 0 ? 100.0 * (double)seen->faults / (double)seen->touches : 100;
}

static double worst_rate(const struct seen seen[COUNT])
{
    double worst = 0;

    for (int i = 0; i < COUNT; i++)
        worst = rate(&seen[i]) > worst ? rate(&seen[i]) : worst;
    return worst;
}

static void scheme_print(const struct scheme *scheme, const struct seen seen[COUNT],
                         bool csv)
{
    long shares = 0;

    for (int i = 0; i < COUNT; i++) {
        shares += seen[i].share;
        if (csv)
            printf("%s,%s,%d,%d,%ld,%ld,%ld,%ld\n", scheme->name, workers[i].name,
                   workers[i].pages, workers[i].nice, seen[i].working_set, seen[i].share,
                   seen[i].faults, seen[i].touches);
    }
    if (csv)
        return;
    say("%-16s %6ld %6ld %6ld   %6.1f %6.1f %6.1f  %8ld", scheme->name, seen[0].share,
        seen[1].share, seen[2].share, rate(&seen[0]), rate(&seen[1]), rate(&seen[2]),
        seen[2].touches);
    if (shares > FRAMES)
        claim(false, "%ld frames were given, of %d", shares, FRAMES);
}

static void schemes_introduce(void)
{
    title("Whose frames? Three processes, 400 frames, five ways to divide them");
    for (int i = 0; i < COUNT; i++)
        say("  %-7s is promised %3d pages, uses %3ld of them, and has nice value %d",
            workers[i].name, workers[i].pages, sets[i], workers[i].nice);
    say("\nEach touches any page of those it uses, thinks, and touches another. A second "
        "of");
    say("it, under each scheme:\n");
    say("%-16s %20s   %20s  %8s", "", "------ frames ------", "-- faults per 100 --",
        "large's");
    say("%-16s %6s %6s %6s   %6s %6s %6s  %8s", "", "small", "sparse", "large", "small",
        "sparse", "large", "touches");
}

static void schemes_claim(struct seen seen[SCHEMES][COUNT])
{
    say(" ");
    for (int s = 0; s < SCHEMES; s++)
        say("  %-16s %s", schemes[s].name, schemes[s].words);
    say(" ");
    claim(seen[0][0].share == FRAMES / COUNT && seen[0][2].share == FRAMES / COUNT,
          "equal: %ld each; the small one can use only %ld of them", seen[0][0].share,
          sets[0]);
    claim(seen[1][0].share == FRAMES * 40 / 540 && seen[1][1].share == FRAMES * 200 / 540 &&
              seen[1][2].share == FRAMES * 300 / 540,
          "proportional: %ld, %ld and %ld, but the sparse one uses only %ld",
          seen[1][0].share, seen[1][1].share, seen[1][2].share, sets[1]);
    claim(seen[2][2].share > seen[2][0].share && seen[2][0].share > seen[2][1].share,
          "priority: the one with nice value -5 gets most, 5 gets least");
    for (int s = 3; s < SCHEMES; s++)
        claim_in_time(worst_rate(seen[s]) < worst_rate(seen[0]) &&
                          worst_rate(seen[s]) < worst_rate(seen[1]) &&
                          worst_rate(seen[s]) < worst_rate(seen[2]),
                      "%s: at most %.1f faults in 100 touches, whoever it is",
                      schemes[s].name, worst_rate(seen[s]));
}

void schemes_show(bool csv)
{
    static struct seen seen[SCHEMES][COUNT];

    if (csv)
        puts("scheme,process,size,nice,working_set,share,faults,touches");
    else
        schemes_introduce();
    begin();
    for (int s = 0; s < SCHEMES; s++) {
        scheme_measure(&schemes[s], seen[s]);
        scheme_print(&schemes[s], seen[s], csv);
    }
    end();
    if (!csv)
        schemes_claim(seen);
}

/* --- The control loop over time ------------------------------------------------------------- */

enum { STEP = 100, UNTIL = 6000, MOVES = 3000, MOVES_TO = 60 };

void fault_frequency_show(void)
{
    long lower = strtol(BOUNDS, NULL, 10), upper = strtol(strchr(BOUNDS, ' '), NULL, 10);

    puts("time_ms,process,uses,share,fault_rate,lower,upper");
    divide("fault-frequency");
    begin();
    for (long time = 0; time < UNTIL; time += STEP) {
        if (time == MOVES) {
            trace_note("the large process uses %d pages from now on", MOVES_TO);
            workers[2].work->set = MOVES_TO;
        }
        pass(STEP);
        for (int i = 0; i < COUNT; i++)
            printf("%ld,%s,%ld,%ld,%ld,%ld,%ld\n", time + STEP, workers[i].name,
                   workers[i].work->set,
                   group_number(workers[i].group, "memory.claim", "share"),
                   group_number(workers[i].group, "memory.claim", "fault_rate"), lower,
                   upper);
    }
    end();
}
