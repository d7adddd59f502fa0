/* kernel/thrashing/sampling.h - when working sets are sampled (mm/working_sets/working_set.h). */
#ifndef KERNEL_THRASHING_SAMPLING_H
#define KERNEL_THRASHING_SAMPLING_H

#include "arch/types.h"
#include "lib/locks.h"

/* The window, Δ: ns of a process's own running time. 0: nobody is sampled. */
extern uint64_t sampling_window;

/* Once, at the start, after parameter_read. */
void sampling_start(void);
/* Somebody runs, after nobody did: the clock goes on. */
void sampling_resume(void);
extern bool sampling_waits; /* the clock stands, until sampling_resume */

struct process;
/* It begins to run; `ran` says that it has been told already. And: it ends. */
void sampling_ran(struct process *process);
void sampling_forget(struct process *process);
/* Somebody reads how large a working set is, and will want to know it again. */
void sampling_read(void);

/* The current process, which is too large for the clock, takes its sample. Sleeps. */
void sampling_sample(void) SLEEPS;

/* A new window; all sets are counted anew from now on. */
void sampling_change(uint64_t window);

#endif
