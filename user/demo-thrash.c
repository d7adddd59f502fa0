/* demo-thrash.c - thrashing, and its cure.
 *
 * The same work, divided among more and more processes. Each uses 200 pages and waits two
 * thirds of its time; there are frames for five. First three of them, then twelve without
 * load control, then twelve with it. A line a second tells what the kernel measures.
 *
 *   demo-thrash [--short]     --short: in ten seconds or so, with twenty. The scenes last
 *                             equally long, and what differs is how much is done in them */
#define _GNU_SOURCE
#include "user/lib/demo.h"
#include "user/lib/load.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* A demonstration: three processes, for which there are frames, then many more. */
struct script {
    struct load load;
    int many;
    const char *word; /* for so many */
    double kept; /* the part of the processor's work that load control keeps, at least */
};

enum { FITS = 3 };

static const struct script whole = {
    .load = {.pages = 200, .rounds = 120, .compute = 100, .wait = 40000, .frames = 1100},
    .many = 12,
    .word = "Twelve",
    .kept = 0.75,
};

/* There is no time to wait for the collapse, so it has to be at once: fewer frames, more
 * processes. And load control has to bring them back first, who are all in the swap area. */
static const struct script in_short = {
    .load = {.pages = 200, .compute = 50, .wait = 20000, .seconds = 3, .frames = 700},
    .many = 20,
    .word = "Twenty",
    .kept = 0.4,
};

static const struct script *script = &whole;

static bool is_short(void)
{
    return script == &in_short;
}

static void look(const struct load_counts *from, const struct load_counts *to)
{
    printf("  %6.1f  %5ld of %5ld  %5.0f  %7.0f  %8.0f  %9ld\n", (double)to->time / 1e9,
           to->working_sets, to->frames, load_busy(from, to), load_device(from, to),
           load_faults(from, to), to->suspended);
    fflush(stdout);
}

static bool show(int degree, const char *control, struct load_result *result)
{
    struct load load = script->load;
    load.degree = degree;
    load.control = control;
    if (!setting_write("load_control", "off"))
        return claim(false, "load control can be set");
    say("  second  sets, frames    cpu %%  device %%  faults/s  suspended");
    if (!load_run(&load, result, look))
        return claim(false, "%d processes can be started", degree);
    say("  %ld pages gone through in %.1f s: processor busy %.0f %%, paging device %.0f "
        "%%, "
        "%.0f faults/s",
        result->pages, result->seconds, load_busy(&result->begin, &result->end),
        load_device(&result->begin, &result->end),
        load_faults(&result->begin, &result->end));
    return true;
}

/* How many times as long the same work takes, or how many times less is done in the same time. */
static double loss(const struct load_result *better, const struct load_result *worse)
{
    if (is_short())
        return (double)better->pages / (double)(worse->pages ? worse->pages : 1);
    return worse->seconds / better->seconds;
}

static void judge_work(const struct load_result *few, const struct load_result *many,
                       const struct load_result *cured)
{
    if (is_short()) {
        claim(loss(few, many) > 2, "in the same time they get %.0f times less done",
              loss(few, many));
        claim(loss(cured, many) > 2, "under load control %.0f times as much",
              loss(cured, many));
    } else {
        claim(loss(few, many) > 2, "the same work takes %.0f times as long",
              loss(few, many));
        claim(loss(cured, many) > 2, "under load control it is done in %.1f s, not %.1f",
              cured->seconds, many->seconds);
    }
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
          "with %d the processor is idle most of the time (%.0f %%, not %.0f %%): "
          "whoever gets a page takes one that another needs next",
          script->many, worst, peak);
    claim(kept > peak * script->kept,
          "under load control as many run as fit, the others wait outside by turns: "
          "%.0f %% busy",
          kept);
    judge_work(few, many, cured);
    claim(cured->end.suspensions > cured->begin.suspensions,
          "processes were suspended %ld times, and %ld pages brought back before they ran",
          cured->end.suspensions - cured->begin.suspensions,
          cured->end.prepaged - cured->begin.prepaged);
}

static void scenes(void)
{
    struct load_result few, many, cured;
    char words[64];

    title("Three processes: when one waits, another computes");
    if (!show(FITS, "off", &few))
        return;
    snprintf(words, sizeof(words), "%s, and nobody to stop them", script->word);
    title(words);
    if (!show(script->many, "off", &many))
        return;
    snprintf(words, sizeof(words), "%s, with load control", script->word);
    title(words);
    if (!show(script->many, "working-set", &cured))
        return;
    if (time_is_counted()) {
        judge(&few, &many, &cured);
        return;
    }
    say("\nThis machine's time is the host's, and how much of it a page's work takes "
        "depends");
    say("on that: no two runs are alike. The same, always alike, and judged:");
    say("  tools/boot --ram 16M --swap 64M --swap-latency 1000 -- demo-thrash%s",
        is_short() ? " --short" : "");
}

int main(int argc, char *argv[])
{
    struct load_counts counts;

    if (argc == 2 && strcmp(argv[1], "--short") == 0)
        script = &in_short;
    if (argc > 1 && !is_short()) {
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
    scenes();
    setting_write("load_control", "working-set");
    return demo_end();
}
