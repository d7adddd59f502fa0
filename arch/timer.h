/* arch/timer.h - the timer's own side of its interrupt, and the time where it must be cheap. */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include "arch/entry.h"
#include "arch/machine.h"

extern uint64_t timer_ns_per_tsc; /* 32.32 fixed point */

/* What time_now() returns (arch/cpu.h), in line. */
static inline uint64_t timer_now(void)
{
    unsigned __int128 ticks = tsc_read() - timer_entry_tsc;
    return (uint64_t)(ticks * timer_ns_per_tsc >> 32);
}

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
