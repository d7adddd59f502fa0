/* demo-thrash.c - thrashing, and its cure.
 *
 * The same work, divided among more and more processes. Each uses 200 pages and waits two
 * thirds of its time; there are frames for five. First three of them, then twelve without
 * load control, then twelve with it. A line a second tells what the kernel measures.
 *
 *   demo-thrash [--short]     --short: in ten seconds or so. A fifth of the work, in frames
 *                             for three processes only, so that the collapse comes at once */
#define _GNU_SOURCE
#include "user/lib/demo.h"
#include "user/lib/load.h"
#include "user/lib/trace_note.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { FITS = 3, TOO_MANY = 12 };

/* How much there is to do, and what load control keeps of the processor's work at least: the less
 * there is, the more counts that all are in the swap area when it begins. */
struct script {
    int rounds, frames;
    double kept;
};

static const struct script whole = {.rounds = 120, .frames = 1100, .kept = 0.75};
static const struct script in_short = {.rounds = 24, .frames = 700, .kept = 0.4};
static const struct script *script = &whole;

static void look(const struct load_counts *from, const struct load_counts *to)
{
    printf("  %6.1f  %5ld of %5ld  %5.0f  %7.0f  %8.0f  %9ld\n", (double)to->time / 1e9,
           to->working_sets, to->frames, load_busy(from, to), load_device(from, to),
           load_faults(from, to), to->suspended);
    fflush(stdout);
}

static bool show(int degree, const char *control, struct load_result *result)
{
    struct load load = load_standard;
    load.degree = degree;
    load.rounds = script->rounds;
    load.frames = script->frames;
    if (!setting_write("load_control", control))
        return claim(false, "load control can be set to %s", control);
    say("  second  sets, frames    cpu %%  device %%  faults/s  suspended");
    if (!load_run(&load, result, look))
        return claim(false, "%d processes can be started", degree);
    say("  all done in %.1f s: processor busy %.0f %%, paging device %.0f %%, %.0f "
        "faults/s",
        result->seconds, load_busy(&result->begin, &result->end),
        load_device(&result->begin, &result->end),
        load_faults(&result->begin, &result->end));
    return true;
}

/* What the three scenes came to, as the textbook has it. */
static void judge(const struct load_result *few, const struct load_result *many,
                  const struct load_result *cured)
{
    double peak = load_busy(&few->begin, &few->end);
    double worst = load_busy(&many->begin, &many->end);
    double kept = load_busy(&cured->begin, &cured->end);

    title("So");
    claim(few->end.faults == few->begin.faults, "three fit: no faults");
    claim(worst < peak / 3,
          "with twelve the processor is idle most of the time (%.0f %%, not %.0f %%): "
          "whoever gets a page takes one that another needs next",
          worst, peak);
    claim(many->seconds > 2 * few->seconds, "the same work takes %.0f times as long",
          many->seconds / few->seconds);
    claim(kept > peak * script->kept,
          "under load control as many run as fit, the others wait outside by turns: "
          "%.0f %% busy",
          kept);
    claim(cured->seconds < many->seconds / 2, "done in %.1f s instead of %.1f",
          cured->seconds, many->seconds);
    claim(cured->end.suspensions > few->begin.suspensions,
          "processes were suspended %ld times, and %ld pages brought back before they ran",
          cured->end.suspensions - few->begin.suspensions,
          cured->end.prepaged - few->begin.prepaged);
}

static void scenes(void)
{
    struct load_result few, many, cured;

    title("Three processes: when one waits, another computes");
    trace_note("three processes run: all of them fit");
    if (!show(FITS, "off", &few))
        return;
    title("Twelve, and nobody to stop them");
    trace_note("twelve processes run, without load control");
    if (!show(TOO_MANY, "off", &many))
        return;
    title("Twelve, with load control");
    trace_note("twelve processes run, with load control");
    if (!show(TOO_MANY, "working-set", &cured))
        return;
    if (time_is_counted()) {
        judge(&few, &many, &cured);
        return;
    }
    say("\nThis machine's time is the host's, and how much of it a page's work takes "
        "depends");
    say("on that: no two runs are alike. The same, always alike, and judged:");
    say("  tools/boot --ram 16M --swap 64M --swap-latency 1000 -- demo-thrash%s",
        script == &in_short ? " --short" : "");
}

int main(int argc, char *argv[])
{
    struct load_counts counts;

    if (argc == 2 && strcmp(argv[1], "--short") == 0) {
        script = &in_short;
    } else if (argc > 1) {
        fputs("usage: demo-thrash [--short]\n", stderr);
        return 2;
    }
    if (!load_counts_read(&counts) || counts.service == 0) {
        say("There is no thrashing without a paging device that takes time. Start the "
            "machine");
        say("with one: tools/boot --ram 16M --swap 64M --swap-latency 1000");
        return demo_end();
    }
    mlockall(MCL_CURRENT | MCL_FUTURE); /* who looks on is none of them: never put aside */
    keep_to_one_processor();
    scenes();
    setting_write("load_control", "working-set");
    return demo_end();
}
