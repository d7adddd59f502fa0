/* kernel/thrashing/sampling.c - when working sets are sampled: by each process's own clock.
 *
 * The window Δ is running time of the process, in user mode and in the kernel: a process
 * that waits, or is not given the processor, uses no page, and its working set stays what
 * it was. A quarter of a period after the last time the clock looks whose period is over;
 * so a period is at most that much too long. A sample looks at every entry; of a process so
 * large that this takes a quarter of a period, the periods are longer, and so is Δ. While nobody
 * runs there is no clock, and an idle machine is not woken.
 *
 * The clock is an interrupt, which nobody can interrupt: it takes samples of so many pages only.
 * A larger process takes its own, before it runs on, in its own time, and pauses like anything
 * long. */
#include "kernel/thrashing/sampling.h"

#include "kernel/parameter.h"
#include "kernel/process/process.h"
#include "mm/mm.h"

#define LOOKS_A_PERIOD  4
#define SHARE           4     /* of its time: so much a sample may take of a process */
#define SAMPLE_AT_ONCE  1024u /* as that of so many pages */
#define SAMPLE_OF_TABLE 32u   /* to look through one in which nothing was used, likewise */

uint64_t sampling_window;
bool sampling_waits;

static struct timer clock;

static uint64_t period(void)
{
    return sampling_window / WORKING_SET_PERIODS;
}

static uint64_t process_period(const struct process *process)
{
    uint64_t least = process->sampling_time * SHARE;
    return period() > least ? period() : least;
}

static void sample_here(struct process *process)
{
    uint64_t begin = time_now();
    working_set_sample(process->space, false);
    process->sampling_time = time_now() - begin;
}

static void sample_hand_over(struct process *process)
{
    process->sample_due = true;
    for (struct thread *thread = process->threads; thread; thread = thread->sibling)
        thread_set_work(thread);
}

void sampling_sample(void)
{
    struct process *process = process_current();
    struct space *space = process->space;

    process->sample_due = false;
    process->sampling = true;
    account_kernel();
    uint64_t begin = current->kernel_ticks;
    space_hold(space);
    working_set_sample(space, true);
    space_release(space);
    account_kernel();
    process->sampling_time = timer_ns(current->kernel_ticks - begin);
    process->sampling = false;
}

static uint32_t sample_work(const struct space *space)
{
    return space->table.resident_bound + space->table.frames * SAMPLE_OF_TABLE;
}

/* `work`: so much may still be done in this interrupt. */
static void process_look(struct process *process, uint32_t *work)
{
    if (!process->space || process->sample_due || process->sampling)
        return;
    uint64_t time = process_running_time(process);
    if (time < process->sampled_at + process_period(process))
        return;
    process->sampled_at = time;
    uint32_t wanted = sample_work(process->space);
    if (wanted > *work) {
        sample_hand_over(process);
        return;
    }
    *work -= wanted;
    sample_here(process);
}

static void clock_set(void);

/* In interrupt context: user code or the idle loop was interrupted, so that nobody holds the
 * lock of mm/. */
static void clock_look(void *argument __attribute__((unused)))
{
    uint32_t work = SAMPLE_AT_ONCE;
    for (struct process *process = process_first; process; process = process->next)
        process_look(process, &work);
    sampling_waits = threads_all_idle();
    if (!sampling_waits)
        clock_set();
}

static void clock_set(void)
{
    timer_set(&clock, time_now() + period() / LOOKS_A_PERIOD, clock_look, NULL);
}

void sampling_resume(void)
{
    sampling_waits = false;
    clock_set();
}

void sampling_change(uint64_t window)
{
    sampling_window = window;
    sampling_waits = false;
    timer_cancel(&clock);
    if (window)
        clock_set();
}

void sampling_start(void)
{
    sampling_change(parameters.working_set_window * 1000000);
}
