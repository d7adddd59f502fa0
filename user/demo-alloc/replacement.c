/* replacement.c - global against local replacement: a greedy process beside a modest one.
 *
 * Global: both are in one group of 400 frames, and its policy chooses among all their pages.
 * Local: each has a group, and they have equal shares of the same 400. The modest one uses
 * 180 pages in turn, at leisure; the greedy one goes through 800 in turn, as fast as it can. */
#include "user/demo-alloc/demo-alloc.h"
#include "user/demo-alloc/worker.h"
#include "user/lib/demo.h"
#include "user/lib/group.h"
#include "user/lib/trace_note.h"

#include <stdio.h>

enum {
    FRAMES = 400,
    MODEST = 180,
    GREEDY = 800,
    REST = 3000, /* us between two references of the modest one */
    HURRY = 300, /* and of the greedy one */
    STEP = 100,
    SECOND = 1000,
    ALONE = 1700,
    UNTIL = 3700,
};

static struct worker modest = {.name = "modest", .pages = MODEST};
static struct worker greedy = {.name = "greedy", .pages = GREEDY};

struct outcome {
    long frames_before, frames_after; /* the modest one's */
    long faults_before, faults_after; /* its, a second */
    long greedy_frames, greedy_faults;
};

static void groups_begin(bool local)
{
    modest.group = local ? "modest" : "both";
    greedy.group = local ? "greedy" : "both";
    if (!group_make(modest.group) || (local && !group_make(greedy.group)))
        fail("mkdir of a group");
    if (!local && !group_limit("both", FRAMES))
        fail("memory.max");
    if (local && !group_tell(GROUP_ROOT, "memory.allocation", "equal 400"))
        fail("memory.allocation");
}

static void groups_end(bool local)
{
    group_tell(GROUP_ROOT, "memory.allocation", "global");
    if (!group_remove(modest.group) || (local && !group_remove(greedy.group)))
        fail("rmdir of a group");
}

static void row_print(bool local, long time)
{
    printf("%ld,%s,%ld,%ld,%ld,%ld\n", time, local ? "local" : "global",
           worker_frames(&modest), greedy.pid ? worker_frames(&greedy) : 0,
           modest.work->faults, greedy.pid ? greedy.work->faults : 0);
}

static void run(bool local, bool csv, struct outcome *outcome)
{
    greedy.pid = 0;
    outcome->greedy_frames = 0;
    groups_begin(local);
    trace_note("%s replacement: the modest process runs alone", local ? "local" : "global");
    if (!worker_start(&modest, MODEST))
        fail("a process");
    modest.work->rest = REST;
    modest.work->in_turn = 1;
    long at_second = 0;
    for (long time = 0; time < UNTIL; time += STEP) {
        if (time == ALONE - SECOND || time == UNTIL - SECOND)
            at_second = modest.work->faults;
        if (time == ALONE) {
            outcome->frames_before = worker_frames(&modest);
            outcome->faults_before = modest.work->faults - at_second;
            trace_note("%s replacement: the greedy process runs beside it",
                       local ? "local" : "global");
            if (!worker_start(&greedy, GREEDY))
                fail("a process");
            greedy.work->in_turn = 1;
            greedy.work->rest = HURRY;
        }
        pass(STEP);
        /* The most: at any one moment a page may be on its way, and its frame nobody's yet. */
        long frames = !csv && time >= UNTIL - SECOND ? worker_frames(&greedy) : 0;
        if (frames > outcome->greedy_frames)
            outcome->greedy_frames = frames;
        if (csv)
            row_print(local, time + STEP);
    }
    outcome->frames_after = worker_frames(&modest);
    outcome->faults_after = modest.work->faults - at_second;
    outcome->greedy_faults = greedy.work->faults;
    worker_stop(&modest);
    worker_stop(&greedy);
    groups_end(local);
}

static void outcome_say(const char *name, const struct outcome *outcome)
{
    say("%-8s %12ld %12ld %12ld %12ld %14ld", name, outcome->frames_before,
        outcome->frames_after, outcome->faults_before, outcome->faults_after,
        outcome->greedy_frames);
}

void replacement_show(bool csv)
{
    struct outcome global, local;

    if (csv) {
        puts("time_ms,replacement,modest_frames,greedy_frames,modest_faults,greedy_faults");
        run(false, true, &global);
        run(true, true, &local);
        return;
    }
    title("Global against local replacement: a greedy process beside a modest one");
    say("400 frames. The modest one uses %d pages, in turn, at leisure; then the greedy",
        MODEST);
    say("one begins, and goes through %d pages in turn, as fast as it can.\n", GREEDY);
    say("%-8s %25s %25s %14s", "", "----- frames of the", "----- faults a second",
        "frames of");
    say("%-8s %25s %25s %14s", "", "modest one -----", "of the modest one -----",
        "the greedy");
    say("%-8s %12s %12s %12s %12s", "", "before", "beside it", "before", "beside it");
    run(false, false, &global);
    outcome_say("global", &global);
    run(true, false, &local);
    outcome_say("local", &local);
    say(" ");
    claim_in_time(global.frames_after < global.frames_before,
                  "global: the greedy one took %ld frames from the modest one",
                  global.frames_before - global.frames_after);
    claim_in_time(
        global.faults_after > global.faults_before + 10,
        "so the modest one, that does what it did before, faults %ld times a second",
        global.faults_after);
    claim(local.frames_after == local.frames_before, "local: it keeps its frames, all %ld",
          local.frames_after);
    claim(local.faults_after == 0, "and does not fault at all");
    claim(local.greedy_frames <= FRAMES / 2,
          "the greedy one pays for itself, in %ld frames", local.greedy_frames);
}
