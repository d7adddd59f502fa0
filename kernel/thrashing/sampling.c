/* kernel/thrashing/sampling.c - when working sets are sampled: by each process's own clock.
 *
 * The window Δ is running time of the process, in user mode and in the kernel: a process
 * that waits, or is not given the processor, uses no page, and its working set stays what
 * it was. A quarter of a period after the last time the clock looks whose period is over, of those
 * that have run since; so a period is at most that much too long. While nobody runs there is no
 * clock, and an idle machine is not woken.
 *
 * A sample looks at every entry. Of a large process that takes long: then its periods are longer,
 * and so is Δ, that a sample takes no more of its time than a twelfth. That is worth it while
 * working sets say something: while pages are evicted, or somebody has just read how large a set
 * is. Else a sample may take a 192nd of its time, which leaves small processes as they are.
 *
 * The clock is an interrupt, which nobody can interrupt: it takes samples of so many pages only.
 * A larger process takes its own, before it runs on, in its own time, and pauses like anything
 * long. */
#include "kernel/thrashing/sampling.h"

#include "arch/processors.h"
#include "kernel/parameter.h"
#include "kernel/process/process.h"
#include "mm/mm.h"

#define LOOKS_A_PERIOD 4
/* After somebody has read, or evicted: so long somebody wants to know. */
#define WINDOWS_WANTED 4
/* Of its time: so much a sample may take of a process, if somebody wants to know, and if not. */
#define SHARE_WANTED    12
#define SHARE           192
#define SAMPLE_AT_ONCE  1024u /* as that of so many pages */
#define SAMPLE_OF_TABLE 32u   /* to look through one in which nothing was used, likewise */

uint64_t sampling_window;
bool sampling_waits;

static struct timer clock;
static struct process *ran_first; /* who has run since the clock looked */
static uint64_t wanted_until;
static uint64_t evicted_before; /* when the clock looked */

static uint64_t period(void)
{
    return sampling_window / WORKING_SET_PERIODS;
}

static uint64_t process_period(const struct process *process)
{
    bool wanted = time_now() < wanted_until;
    uint64_t least = process->sampling_time * (wanted ? SHARE_WANTED : SHARE);
    return period() > least ? period() : least;
}

void sampling_read(void)
{
    wanted_until = time_now() + WINDOWS_WANTED * sampling_window;
}

/* --- Who has run ---------------------------------------------------------------------------- */

void sampling_ran(struct process *process)
{
    process->ran = true;
    process->ran_previous = NULL;
    process->ran_next = ran_first;
    if (ran_first)
        ran_first->ran_previous = process;
    ran_first = process;
}

void sampling_forget(struct process *process)
{
    struct process *before = process->ran_previous, *after = process->ran_next;
    if (!process->ran)
        return;
    *(before ? &before->ran_next : &ran_first) = after;
    if (after)
        after->ran_previous = before;
    process->ran = false;
}

/* Whoever is in the middle of running will have run when the clock looks again. */
static void ran_begin(void)
{
    for (unsigned i = 0; i < processor_count; i++) {
        const struct thread *thread = processors[i].thread; /* NULL: it has not begun yet */
        if (thread && thread->process && !thread->process->ran)
            sampling_ran(thread->process);
    }
}

/* --- Samples -------------------------------------------------------------------------------- */

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
    if (evict_counts.evicted != evicted_before)
        sampling_read();
    evicted_before = evict_counts.evicted;
    while (ran_first) {
        struct process *process = ran_first;
        sampling_forget(process);
        process_look(process, &work);
    }
    ran_begin();
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
