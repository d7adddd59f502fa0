/* kernel/report/watch.h - looking on while a process faults: the kernel's side of `faults`.
 *
 * Opening /proc/PID/faults attaches a watch. From the process's next exec on, each of its
 * faults becomes one line of text; when a reader falls behind, the process waits before it goes
 * on in user mode, so no fault is lost but in a call that faults thousands of times. After
 * "step\n" has been written to the file, the process waits there until "go\n" has been written
 * for each fault; "run\n" ends stepping. After "follow\n", the processes that it forks are
 * watched with it, and every line names its process; without, a line says that there is one more
 * that is not.
 *
 * "hold\n" is stepping for tests: the process waits at the fault itself, also in the middle of a
 * copy of the kernel's, and keeps whatever it has locked. */
#ifndef KERNEL_REPORT_WATCH_H
#define KERNEL_REPORT_WATCH_H

#include "arch/types.h"
#include "mm/mm.h"

struct file;
struct process;
struct trap_frame;

/* Keeps the watch in file->data. -EBUSY: somebody watches it already; -ESRCH: it has ended;
 * -ENOMEM. */
int watch_open(struct process *process, struct file *file);
/* As inode_operations.read and .write: whole lines; blocks until there is one; 0 once
 * the process, and all that are watched with it, have ended. -EAGAIN: O_NONBLOCK, and no
 * line; -EINVAL: the buffer is too short for the next one. */
long watch_read(struct file *file, void __user *buffer, size_t length,
                uint64_t *position) SLEEPS;
long watch_write(struct file *file, const void __user *buffer, size_t length,
                 uint64_t *position) SLEEPS;
/* poll bits. */
unsigned watch_ready(struct file *file);
/* The processes go on unwatched. */
void watch_close(struct file *file);

/* --- Called by the process that is watched --- */

/* The current process has forked `child`: watch that as well, or say that it is not. */
void watch_fork(struct process *child);
/* The exec has succeeded: report from now on. */
void watch_exec(struct process *process);
/* Report one fault of the current process, `cost` ns long. Sleeps only if it is held. */
void watch_fault(const struct trap_frame *frame, uintptr_t address, unsigned access,
                 const struct fault_report *report, uint64_t cost) SLEEPS;
/* The current thread has reported something (its `watched`): wait until the reader is ready for
 * more. Where nothing is held. */
void watch_await(void) SLEEPS;
/* The process has ended. */
void watch_end(struct process *process);

#endif
