/* kernel/thrashing/suspend.c - medium-term scheduling: a process as a whole waits
 * outside of memory.
 *
 * Like job control's stop, but nobody is told: no signal, nothing for wait, no call cut
 * short. A thread that sleeps in the kernel sleeps on; each stops when it is about to run
 * user code, where it holds nothing of the kernel's. So what others wait for (a pipe that is
 * read, a child that is born) is finished first. Only a signal that ends the process wakes
 * it; others wait until it is resumed, which load control does within bounds. */
#include "kernel/thrashing/suspend.h"

#include "kernel/process/process.h"
#include "kernel/report/trace.h"
#include "kernel/thrashing/frame_shares.h"
#include "mm/mm.h"

struct suspend_counts suspend_counts;

void suspend_wait(struct process *process)
{
    while (process->suspended && !thread_must_end(current) && !signal_fatal(current)) {
        if (current->pins.count > 0)
            fault_pins_release(&current->pins);
        thread_sleep(&process->suspended, SLEEP_KILLABLE, UINT64_MAX);
    }
}

bool process_wants(const struct process *process)
{
    for (const struct thread *thread = process->threads; thread; thread = thread->sibling)
        if (thread_sleeps_on(thread, &process->suspended))
            return true;
    return false;
}

void process_suspend(struct process *process)
{
    struct space *space = process->space;
    process->suspended = true;
    process->load_since = time_now();
    suspend_counts.suspended++;
    trace_process(TRACE_SUSPEND, process, UINT32_MAX, 0, 1);
    for (struct thread *thread = process->threads; thread; thread = thread->sibling)
        if (!thread->leaving)
            thread_set_work(thread);
    space_hold(space);
    swapping_out(space);
    space_release(space);
    allocation_soon(); /* what it had is for the others */
}

void process_resume(struct process *process, bool prepage)
{
    struct space *space = process->space;
    int id = process->id;
    space_hold(space);
    process->returning = true;
    allocation_now(); /* its share is there when its pages come */
    if (prepage)
        swapping_in(space);
    space_release(space);
    if (process_find(id) != process || !process->suspended) /* it has ended meanwhile */
        return;
    process->suspended = process->returning = false;
    process->load_since = time_now();
    suspend_counts.resumed++;
    trace_process(TRACE_SUSPEND, process, UINT32_MAX, 0, 0);
    thread_wake(&process->suspended);
}
