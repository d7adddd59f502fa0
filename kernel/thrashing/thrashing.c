/* kernel/thrashing/thrashing.c - thrashing, measured.
 *
 * More processes keep the processor busier, as one computes while another waits, until
 * their working sets together need more frames than there are. From there on each takes
 * from the others what it needs next; all wait for the paging device, and the processor is
 * idle *because* there is so much to do. A scheduler that sees an idle processor and lets
 * one more process in makes it worse.
 *
 * So while there is paging, four things are asked ten times a second: how much of the period
 * did somebody run, how much was the paging device in service, how often was it faulted for,
 * and what do the working sets of the active processes add up to? This is *thrashing*: for
 * three periods in a row they exceed the frames, and most of the time the device is busy with
 * what was faulted for while the processor is idle. (A device that only writes, as when
 * somebody takes all memory at once, is busy too.) What is done about it stands in
 * load_control.c. */
#include "kernel/thrashing/thrashing.h"

#include "arch/processors.h"
#include "kernel/device/block.h"
#include "kernel/parameter.h"
#include "kernel/process/process.h"
#include "kernel/report/log.h"
#include "kernel/report/trace.h"
#include "kernel/thrashing/load_control.h"
#include "kernel/thrashing/sampling.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/mm.h"

#define STREAK        3             /* periods in a row, to begin and to end */
#define QUIET_PERIODS 10            /* without paging: nothing is left to measure */
#define INACTIVE_NS   1000000000ull /* a process that has not run for so long is not active */

struct load_state load_state;
const struct load_criterion *load_criterion;
bool load_prepages;

struct block_device *load_device;

/* --- Who is active, and what for -------------------------------------------------------- */

/* It ran since the last look, or would if it could: it waits for the processor or a page. */
static bool process_tries(struct process *process)
{
    uint64_t time = process_running_time(process);
    bool tries = time != process->load_time;
    process->load_time = time;
    for (const struct thread *thread = process->threads; thread; thread = thread->sibling)
        tries |= thread_state(thread) != THREAD_SLEEPING || !thread->interruptible;
    return tries && !process->stopped;
}

bool load_is_active(const struct process *process)
{
    return process->space && !process->suspended && process->load_tried &&
           time_now() - process->load_tried < INACTIVE_NS;
}

/* What users' pages may have, and at least what they have. */
static uint32_t user_frames(void)
{
    uint32_t all = shares_frames(), charged = 0;
    for (unsigned i = 0; i < group_count; i++)
        charged += groups[i].in_use ? groups[i].charged : 0;
    all = charged > all ? charged : all;
    return all < groups[GROUP_ALL].limit ? all : groups[GROUP_ALL].limit;
}

/* Somebody gave it a limit, and that is not a share. */
static bool group_is_limited(const struct group *group)
{
    return group != &groups[GROUP_ALL] && group->limit != UINT32_MAX && !group->share;
}

/* What it wants of that. In a group with a limit it faults by that limit, and takes no more from
 * the others, however much it uses. */
static uint32_t wanted_set(const struct space *space)
{
    const struct group *group = &groups[space->group];
    uint32_t set = working_set_count(space);
    return group_is_limited(group) && set > group->limit ? group->limit : set;
}

/* Page-ins since the last call for which a group has only its own limit to blame. */
static uint64_t own_page_ins(void)
{
    static uint64_t seen[GROUPS_MAX];
    uint64_t sum = 0;
    for (unsigned i = 0; i < group_count; i++) {
        const struct group *group = &groups[i];
        uint64_t before = group->page_ins < seen[i] ? 0 : seen[i];
        if (group->in_use && group_is_limited(group) && group->charged >= group->limit)
            sum += group->page_ins - before;
        seen[i] = group->page_ins;
    }
    return sum;
}

void load_look(struct load_sample *sample)
{
    sample->working_sets = sample->active = sample->suspended = 0;
    sample->frames = user_frames();
    for (struct process *process = process_first; process; process = process->next) {
        if (!process->space)
            continue;
        if (process_tries(process))
            process->load_tried = time_now();
        sample->suspended += process->suspended;
        if (!load_is_active(process))
            continue;
        process->load_set = wanted_set(process->space);
        sample->working_sets += process->load_set;
        sample->active++;
    }
}

/* --- One period ------------------------------------------------------------------------- */

/* What the counters said at the last look. */
static struct marks {
    uint64_t time, idle, device, faults;
} marks;

static struct marks marks_now(void)
{
    return (struct marks){time_now(), timer_ns(thread_cpu_ticks().idle) / processor_count,
                          load_device->busy_time, fault_totals.kind[FAULT_PAGE_IN]};
}

static void measure(struct load_sample *sample)
{
    struct marks before = marks, now = marks = marks_now();
    sample->elapsed = now.time - before.time;
    sample->busy = sample->elapsed - (now.idle - before.idle);
    sample->device = now.device - before.device;
    sample->faults = now.faults - before.faults;
    sample->own = own_page_ins();
    sample->service = load_device->latency;
    sampling_read();
    load_look(sample);
}

/* At least a quarter of what the device did was reading for faults that others brought about; the
 * rest may be writing, to make room for that. */
static bool is_for_faults(const struct load_sample *sample)
{
    uint64_t faults = sample->faults > sample->own ? sample->faults - sample->own : 0;
    return faults && faults * sample->service * 4 >= sample->device;
}

static bool is_thrashing(const struct load_sample *sample)
{
    return sample->working_sets > sample->frames &&
           sample->device * 10 > sample->elapsed * 7 &&
           sample->busy * 2 < sample->elapsed && is_for_faults(sample);
}

static void thrashing_tell(const struct load_sample *sample, uint64_t lasted)
{
    uint64_t elapsed = sample->elapsed;
    if (load_state.thrashing)
        log_line("thrashing: %u processes want %u frames of %u", sample->active,
                 sample->working_sets, sample->frames);
    else
        log_line("thrashing has ended after %lu ms", lasted / 1000000);
    log_line("  processor busy %lu %%, paging device %lu %%, %lu faults a second",
             sample->busy * 100 / elapsed, sample->device * 100 / elapsed,
             sample->faults * 1000000000 / elapsed);
    trace(TRACE_THRASHING, 0, sample->working_sets, PAGE_NONE, FRAME_NONE,
          (uint64_t)sample->frames << 1 | load_state.thrashing);
}

static void judge(const struct load_sample *sample)
{
    static unsigned streak;
    static uint64_t since;
    bool thrashes = is_thrashing(sample);
    load_state.thrashed += load_state.thrashing ? sample->elapsed : 0;
    streak = thrashes == load_state.thrashing ? 0 : streak + 1;
    if (streak < STREAK)
        return;
    streak = 0;
    load_state.thrashing = thrashes;
    load_state.episodes += thrashes;
    thrashing_tell(sample, time_now() - since);
    since = time_now();
}

/* Until nothing has been read or written for a while, and nobody waits outside. */
static void load_measure(void)
{
    unsigned quiet = 0;
    marks = marks_now();
    while (quiet < QUIET_PERIODS || load_state.sample.suspended || load_state.thrashing) {
        thread_sleep(&load_state, SLEEP_ALWAYS, time_now() + LOAD_PERIOD_NS);
        measure(&load_state.sample);
        quiet = load_state.sample.device ? 0 : quiet + 1;
        judge(&load_state.sample);
        load_control(&load_state.sample);
    }
}

static void load_run(void *argument __attribute__((unused)))
{
    for (;;) {
        load_state.measuring = false;
        thread_sleep(&load_state.measuring, SLEEP_ALWAYS, UINT64_MAX);
        load_measure();
    }
}

/* The device has something to do, after it had nothing. */
static void load_begin(void)
{
    if (load_state.measuring)
        return;
    load_state.measuring = true;
    thread_wake(&load_state.measuring);
}

/* --- Beginning -------------------------------------------------------------------------- */

bool load_choose(const char *name)
{
    if (strcmp(name, "off") == 0) {
        load_criterion = NULL;
        return true;
    }
    for (const struct load_criterion *at = load_criteria; at->name; at++) {
        if (strcmp(at->name, name) == 0) {
            load_criterion = at;
            return true;
        }
    }
    return false;
}

const char *load_chosen(void)
{
    return load_criterion ? load_criterion->name : "off";
}

void load_start(struct block_device *paging)
{
    const char *name = parameters.load_control;
    load_prepages = parameters.prepaging;
    if (!load_choose(*name ? name : load_criteria[0].name))
        refuse("parameter \"load_control=%s\": it may be off, working-set, "
               "fault-frequency or fault-interval",
               name);
    if (!paging->latency)
        return;
    load_device = paging;
    struct thread *thread = thread_create(NULL, load_run, NULL);
    if (!thread)
        panic("no memory for load control");
    thread->urgent = URGENT_MOST;
    paging->begins = load_begin;
    thread_ready(thread);
}
