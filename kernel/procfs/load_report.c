/* kernel/procfs/load_report.c - /proc/load_control: how much is wanted of memory, and
 * who has to wait for it.
 *
 * Sums and counts are of now. What is per period (percent, a second) is of the last one that
 * was measured, and 0 when there has been no paging for a while. The lines that end in _ns,
 * and `faults`, only grow: whoever reads twice has what happened between, exactly. */
#include "kernel/thrashing/thrashing.h"

#include "kernel/device/block.h"
#include "kernel/procfs/proc.h"
#include "kernel/thrashing/suspend.h"
#include "mm/mm.h"

#define NS_PER_SECOND 1000000000ul

static void print_now(struct proc_text *text)
{
    struct load_sample now;
    load_look(&now);
    proc_print(text, "criterion %s\nthrashing %u\n", load_chosen(), load_state.thrashing);
    proc_print(text, "working_sets %u\nframes %u\nactive %u\nsuspended %u\n",
               now.working_sets, now.frames, now.active, now.suspended);
}

static void print_period(struct proc_text *text)
{
    const struct load_sample *last = &load_state.sample;
    bool fresh = load_state.measuring && last->elapsed;
    uint64_t elapsed = fresh ? last->elapsed : 1;
    proc_print(text, "cpu_percent %lu\ndevice_percent %lu\nfaults_per_second %lu\n",
               fresh ? last->busy * 100 / elapsed : 0,
               fresh ? last->device * 100 / elapsed : 0,
               fresh ? last->faults * NS_PER_SECOND / elapsed : 0);
}

static void print_totals(struct proc_text *text)
{
    const struct block_device *device = load_device;
    struct cpu_ticks ticks = thread_cpu_ticks();
    proc_print(text, "time_ns %lu\nbusy_ns %lu\n", time_now(),
               timer_ns(ticks.user + ticks.kernel));
    proc_print(text, "device_ns %lu\nservice_ns %lu\n", device ? device->busy_time : 0,
               device ? device->latency : 0);
    proc_print(text, "faults %lu\n", fault_totals.kind[FAULT_PAGE_IN]);
    proc_print(text, "episodes %lu\nthrashed_ns %lu\n", load_state.episodes,
               load_state.thrashed);
    proc_print(text, "suspensions %lu\nresumptions %lu\nrotations %lu\n",
               suspend_counts.suspended, suspend_counts.resumed, load_state.rotations);
    proc_print(text, "swapped_out %lu\nprepaged %lu\nprepage_reads %lu\n",
               swapping_counts.out, swapping_counts.in, swapping_counts.reads);
}

int proc_load_control(struct proc_text *text,
                      struct process *process __attribute__((unused)))
{
    print_now(text);
    print_period(text);
    print_totals(text);
    return 0;
}
