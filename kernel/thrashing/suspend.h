/* kernel/thrashing/suspend.h - whole processes made to wait, out of memory, and let run again. */
#ifndef KERNEL_THRASHING_SUSPEND_H
#define KERNEL_THRASHING_SUSPEND_H

#include "arch/types.h"
#include "lib/locks.h"

struct process;

struct suspend_counts {
    uint64_t suspended, resumed; /* processes, since the start */
};
extern struct suspend_counts suspend_counts;

/* The process runs no more user code until it is resumed, and its pages go. Sleeps; the
 * process may have ended by the return. */
void process_suspend(struct process *process) SLEEPS;
/* Its working set comes back (`prepage`), and it goes on. Sleeps; as above. */
void process_resume(struct process *process, bool prepage) SLEEPS;
/* Does any of its threads want to run user code, but for being suspended? */
bool process_wants(const struct process *process);

/* The current thread, on its way to user mode, in a process that is suspended: sleeps until
 * it is resumed, or this thread has to end. */
void suspend_wait(struct process *process) SLEEPS;

#endif
