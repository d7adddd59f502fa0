/* kernel/thrashing/sampling.h - when working sets are sampled (mm/working_sets/working_set.h). */
#ifndef KERNEL_THRASHING_SAMPLING_H
#define KERNEL_THRASHING_SAMPLING_H

#include "arch/types.h"
#include "lib/locks.h"

/* The window, Δ: ns of a process's own running time. 0: nobody is sampled. */
extern uint64_t working_set_window;

/* Once, at the start, after parameter_read. */
void working_set_start(void);
/* Somebody runs, after nobody did: the clock goes on. */
void working_set_resume(void);
extern bool working_set_waits; /* the clock stands, until working_set_resume */

/* The current process, which is too large for the clock, takes its sample. Sleeps. */
void working_set_sample(void) SLEEPS;

/* A new window; all sets are counted anew from now on. */
void working_set_change(uint64_t window);

#endif
