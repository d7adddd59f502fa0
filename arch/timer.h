/* arch/timer.h - the timer's own side of its interrupt, and the time where it must be cheap. */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include "arch/entry.h"
#include "arch/machine.h"

extern uint64_t timer_ns_per_tsc; /* 32.32 fixed point */

/* So many ticks of the time-stamp counter in ns. */
static inline uint64_t timer_ns(uint64_t ticks)
{
    return (uint64_t)((unsigned __int128)ticks * timer_ns_per_tsc >> 32);
}

/* The time (as time_now, arch/cpu.h) at which the counter had this value. */
static inline uint64_t timer_at(uint64_t tsc)
{
    return timer_ns(tsc - timer_entry_tsc);
}

/* On another processor: as the first has measured. */
void timer_begin(void);

/* The LAPIC timer has run out, and ended the processor's idling: wait until the time at which
 * all that follows begins, in every run. */
void timer_settle(void);
/* The LAPIC timer has run out. True if the deadline has come; false if the timer could not
 * count that far, and has been set for the rest. */
bool timer_expired(void);

/* From idle.asm: where cpu_idle goes on after HLT; return when it is `time`, or later. */
extern char idle_woken[];
void idle_settle(uint64_t time);

#endif
