/* processes.c - the steps of a script, each in the process whose turn it is.
 *
 * All processes know all steps, and go through them alike; whoever is not the one who acts waits
 * for the baton, which is handed on through pipes. So one thing happens after the other, whatever
 * the scheduler does. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/tap.h"
#include "user/lib/trace_note.h"
#include "user/play/play.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define AREA_BASE 0x10000000ul /* A; each area begins so much further on: */
#define AREA_EACH 0x1000000ul

enum { COLUMN = 56 };

static int batons[ACTORS][2]; /* pipes */
static pid_t pids[ACTORS];

static void baton_take(int who)
{
    char byte;

    if (read(batons[who][0], &byte, 1) != 1)
        bail("another process has gone");
}

static void baton_give(int who)
{
    if (write(batons[who][1], "b", 1) != 1)
        bail("the baton's pipe");
}

static volatile char *page_at(const struct range *range, int page)
{
    return (volatile char *)(AREA_BASE + (unsigned long)range->area * AREA_EACH) +
           (size_t)page * PAGE;
}

static void area_map(const struct step *step)
{
    const struct range *range = step->ranges;
    int flags = step->what == SHARE ? MAP_SHARED : MAP_PRIVATE;
    size_t size = (size_t)(range->last + 1) * PAGE;

    if (mmap((void *)page_at(range, 0), size, PROT_READ | PROT_WRITE,
             flags | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
        bail("mmap");
    madvise((void *)page_at(range, 0), size, MADV_NOHUGEPAGE);
}

/* Use the pages of a step. How many faults that took. */
static long pages_use(const struct step *step)
{
    long before = faults_now();

    for (int i = 0; i < step->range_count; i++) {
        const struct range *range = &step->ranges[i];
        for (int page = range->first; page <= range->last; page++) {
            volatile char *byte = page_at(range, page);
            if (step->what == WRITE)
                *byte = (char)('a' + step->who);
            else
                (void)*byte;
        }
    }
    return faults_now() - before;
}

/* Do a step that is `me`'s. Whom this process is afterwards: the child comes out of a fork, too. */
static int step_do(const struct step *step, int me)
{
    long faults;

    trace_note("%s", step->words);
    switch (step->what) {
    case MAP:
    case SHARE:
        area_map(step);
        break;
    case WRITE:
    case READ:
        faults = pages_use(step);
        say("%-*s %ld fault%s", COLUMN, step->words, faults, faults == 1 ? "" : "s");
        return me;
    case FORK:
        pids[step->other] = fork();
        if (pids[step->other] < 0)
            bail("fork");
        if (pids[step->other] == 0)
            return step->other;
        break;
    case WAIT:
        waitpid(pids[step->other], NULL, 0);
        break;
    default:
        break;
    }
    say("%s", step->words);
    return me;
}

void processes_run(const struct script *script)
{
    int me = 0;

    for (int who = 0; who < ACTORS; who++)
        if (pipe(batons[who]) != 0)
            bail("pipe");
    code_touch();
    faults_now(); /* and what this needs, once */
    for (int i = 0; i < script->step_count; i++) {
        const struct step *step = &script->steps[i];
        if (step->who != me)
            continue;
        if (i > 0 && script->steps[i - 1].who != me)
            baton_take(me);
        int then = step_do(step, me);
        if (then == me && i + 1 < script->step_count && step[1].who != me)
            baton_give(step[1].who);
        if (step->what == EXIT && me != 0)
            _exit(0);
        me = then;
    }
}
