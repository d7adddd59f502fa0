/* kernel/thrashing/load_control.c - how many may run: the cure for thrashing.
 *
 * When the load is too high, processes are suspended until it is not: the one that was let in
 * last goes first, so that those that run keep running. When there is room, the one that has
 * waited longest comes back. And since no process may wait for ever, one that has waited for
 * `PATIENCE` changes places with the one that has run longest. That costs the device time, so
 * at most half of the time goes into it.
 *
 * To suspend a small process (a shell, a program that looks on) gains nothing; and init, a
 * stopped process, and one that shares its memory with another are never suspended. One is
 * always left running: if it is alone and still too large, it is at least alone. */
#include "kernel/thrashing/load_control.h"

#include "kernel/process/process.h"
#include "kernel/thrashing/suspend.h"
#include "mm/mm.h"

#define PATIENCE_NS 800000000ull
#define QUANTUM_NS  150000000ull /* a process that was let in stays at least so long */
#define SMALL       16u          /* frames: not worth the trouble */
#define SETTLE      5u           /* periods until a change shows in what is measured */

/* The one that a period's work goes by: another may be chosen while that sleeps. */
static const struct load_criterion *criterion;

/* --- Choosing --------------------------------------------------------------------------- */

/* When it was let in last, or born. */
static uint64_t in_since(const struct process *process)
{
    return process->load_since > process->started ? process->load_since : process->started;
}

/* Worth suspending, where the mean working set is that of `sample`. */
static bool is_candidate(const struct process *process, const struct load_sample *sample)
{
    if (!load_is_active(process) || process->stopped || process->essential ||
        process->ending || process->space->references > 1 || process->space->ending ||
        group_traced(process->space->group))
        return false;
    return process->load_set >= SMALL &&
           (uint64_t)process->load_set * 4 * sample->active >= sample->working_sets;
}

static unsigned candidates(const struct load_sample *sample)
{
    unsigned count = 0;
    for (const struct process *p = process_first; p; p = p->next)
        count += is_candidate(p, sample);
    return count;
}

/* The candidate that was let in last, or first, and no later than `latest`. NULL: none. */
static struct process *victim(const struct load_sample *sample, bool last, uint64_t latest)
{
    struct process *chosen = NULL;
    for (struct process *p = process_first; p; p = p->next) {
        if (!is_candidate(p, sample) || in_since(p) > latest)
            continue;
        if (!chosen ||
            (last ? in_since(p) >= in_since(chosen) : in_since(p) < in_since(chosen)))
            chosen = p;
    }
    return chosen;
}

/* The process that has waited longest: of those that want to run, or of all. NULL: none. */
static struct process *waiter(bool wanting)
{
    struct process *chosen = NULL;
    for (struct process *p = process_first; p; p = p->next) {
        if (!p->suspended || !p->space || (wanting && !process_wants(p)))
            continue;
        if (!chosen || p->load_since < chosen->load_since)
            chosen = p;
    }
    return chosen;
}

/* --- Doing ------------------------------------------------------------------------------ */

static void out(struct process *process, struct load_sample *sample)
{
    sample->working_sets -= process->load_set;
    sample->active--;
    sample->suspended++;
    process_suspend(process);
}

static void in(struct process *process, struct load_sample *sample)
{
    sample->working_sets += process->load_set;
    sample->active++;
    sample->suspended--;
    process_resume(process, load_prepages);
}

/* While the load is too high, and more than one candidate runs, the one that was let in last goes;
 * but one only, where the criterion has to see what comes of it. True: somebody went. */
static bool reduce(struct load_sample *sample)
{
    bool done = false;
    while (criterion->overloaded(sample) && candidates(sample) > 1) {
        struct process *process = victim(sample, true, UINT64_MAX);
        out(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}

/* While there is room for it, who has waited longest comes back: of those that want to run, or
 * if none does, of all. If it finds no room nobody passes it. But where no candidate runs, one
 * that wants to comes back, room or not. One only, where the criterion has to see what comes
 * of it. True: somebody came. */
static bool admit(struct load_sample *sample)
{
    bool done = false;
    for (;;) {
        struct process *process = waiter(true) ?: waiter(false);
        if (!process || !(criterion->admits(sample, process) ||
                          (candidates(sample) == 0 && process_wants(process))))
            break;
        in(process, sample);
        done = true;
        if (!criterion->foresees)
            break;
    }
    return done;
}

/* Somebody who wants to run has waited for long (PATIENCE_NS): make room, by those candidates
 * that have run longest, one after the other, but none that was let in less than QUANTUM_NS ago.
 * Then it comes in, even if there is still no room; not if nobody could leave. One leaves only,
 * where the criterion has to see what comes of it. No exchange begins until as much time has
 * passed as the one before has taken, with the faults that follow it if nothing is prepaged. */
static void rotate(struct load_sample *sample)
{
    static uint64_t next;
    uint64_t begin = time_now();
    struct process *waiting = waiter(true), *leaving;
    if (!waiting || begin < next || begin - waiting->load_since < PATIENCE_NS)
        return;
    unsigned left = 0;
    while (waiting && (leaving = victim(sample, false, begin - QUANTUM_NS)) != NULL) {
        out(leaving, sample);
        left++;
        waiting = waiter(true); /* the one that was to come may have ended */
        if (!criterion->foresees || (waiting && criterion->admits(sample, waiting)))
            break;
    }
    if (left == 0 || !waiting)
        return;
    uint32_t wanted = waiting->load_set;
    in(waiting, sample);
    load_state.rotations++;
    uint64_t to_come = load_prepages ? 0 : wanted * sample->service; /* its faults */
    next = 2 * time_now() - begin + to_come;
}

static void all_in(struct load_sample *sample)
{
    for (struct process *process; (process = waiter(false)) != NULL;)
        in(process, sample);
}

void load_control(const struct load_sample *measured)
{
    static unsigned settling;
    struct load_sample sample = *measured;
    criterion = load_criterion;
    if (!criterion) {
        all_in(&sample);
        return;
    }
    settling -= settling > 0;
    if ((criterion->foresees || settling == 0) && (reduce(&sample) || admit(&sample)))
        settling = SETTLE;
    rotate(&sample);
}
