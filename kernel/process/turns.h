/* kernel/process/turns.h - whose turn it is to run, and for how long.  See
 * kernel/process/turns.c for the idea. */
#ifndef KERNEL_PROCESS_TURNS_H
#define KERNEL_PROCESS_TURNS_H

#include "arch/processor.h"
#include "kernel/process/spinlock.h"

struct account;
struct thread;

#define SLICE_NS 10000000ull /* how long a program runs while others wait */

#define URGENT_MOST \
    100 /* load control's; below are the priorities of SCHED_FIFO and SCHED_RR */

/* While others wait, those of programs together run for so long of such a period. */
#define URGENT_BUDGET_NS 95000000ull
#define URGENT_PERIOD_NS 100000000ull

enum { SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE = 5 };
#define SCHED_RESET_ON_FORK 0x40000000u

/* Who waits for a turn (turns.c), and who sleeps (sleep.c). Whoever switches to another thread
 * holds it, and whoever is switched to lets go of it. */
extern struct spinlock scheduler;

extern struct account *turns_row
    GUARDED_BY(scheduler); /* programs with threads that wait */

static inline bool turns_waiting(void) REQUIRES(scheduler)
{
    return turns_row != NULL;
}

/* The slice ended at or before `now`, and somebody waits. */
static inline bool turns_over(uint64_t now) REQUIRES(scheduler)
{
    return now >= this_processor->turns.end;
}

/* With several processors: may one of those that wait run on this one? */
bool turns_waiting_here(void) REQUIRES(scheduler);

/* A thread is ready, and waits for the processor behind those of its program (an urgent one: before
 * all that are less so). */
void turns_add(struct thread *thread) REQUIRES(scheduler);
/* Whether the urgent ones of programs have a budget at all, which is full again. */
void turns_limit_urgent(bool limited) EXCLUDES(scheduler);
bool turns_urgent_limited(void);
/* How urgent a thread is from now on; one that waits already waits where it is. */
void turns_urge(struct thread *thread, uint8_t urgent) EXCLUDES(scheduler);
/* The running processor begins. */
void turns_begin(void) EXCLUDES(scheduler);
/* The turn is over: whoever's it was, it is behind the others. */
void turns_pass(void) REQUIRES(scheduler);
/* Who runs from `now` on; it waits no longer, and turns.end says until when it runs, which
 * the timer has not been told. NULL: nobody waits. */
struct thread *turns_next(uint64_t now) REQUIRES(scheduler);

#endif
