/* kernel/working_set.c - when working sets are sampled: by each process's own clock.
 *
 * The window Δ is running time of the process, in user mode and in the kernel: a process
 * that waits, or is not given the processor, uses no page, and its working set stays what
 * it was. A quarter of a period after the last time the clock looks whose period is over;
 * so a period is at most that much too long. A sample looks at every entry; of a process so
 * large that this takes a quarter of a period, the periods are longer, and so is Δ. While nobody runs there is no clock, and an
 * idle machine is not woken. */
#include "kernel/working_set.h"

#include "kernel/parameter.h"
#include "kernel/process.h"
#include "mm/more/workingset.h"

#define LOOKS_A_PERIOD 4
#define SHARE          4 /* of its time: so much a sample may take of a process */

uint64_t working_set_window;
bool working_set_waits;

static struct timer clock;

static uint64_t period(void)
{
    return working_set_window / WORKINGSET_PERIODS;
}

static uint64_t process_period(const struct process *process)
{
    uint64_t least = process->sampling_time * SHARE;
    return period() > least ? period() : least;
}

static void process_look(struct process *process)
{
    uint64_t user, kernel;

    if (!process->space)
        return;
    process_times(process, &user, &kernel);
    if (user + kernel < process->sampled_at + process_period(process))
        return;
    process->sampled_at = user + kernel;
    uint64_t begin = time_now();
    workingset_sample(process->space);
    process->sampling_time = time_now() - begin;
}

static void clock_set(void);

/* In interrupt context: user code or the idle loop was interrupted, so that nobody holds the
 * lock of mm/. */
static void clock_look(void *argument __attribute__((unused)))
{
    for (struct process *process = process_first; process; process = process->next)
        process_look(process);
    working_set_waits = thread_is_idle(current);
    if (!working_set_waits)
        clock_set();
}

static void clock_set(void)
{
    timer_set(&clock, time_now() + period() / LOOKS_A_PERIOD, clock_look, NULL);
}

void working_set_resume(void)
{
    working_set_waits = false;
    clock_set();
}

void working_set_change(uint64_t window)
{
    working_set_window = window;
    working_set_waits = false;
    timer_cancel(&clock);
    if (window)
        clock_set();
}

void working_set_start(void)
{
    working_set_change(parameters.working_set_window * 1000000);
}
