/* kernel/thrashing/frame_shares.c - frame allocation over groups, kept in force.
 *
 * Local replacement needs somebody who says how many frames each group has, and says it
 * again when processes come, grow, and go. That is done in rounds: what do the groups claim,
 * what does the scheme give them (allocation.h), and then each is held to that
 * (shares.h). A round comes ten times a second, when a group begins or ends, and
 * when somebody asks. It looks at all processes, so where there are many, or many come and
 * go, rounds are fewer: looking takes at most a quarter of the time. Under global
 * replacement there is nothing to do, and nothing is.
 *
 * Every group takes part but the root's, which is the system's own, and those whose limit
 * was written by hand. */
#include "kernel/thrashing/frame_shares.h"

#include "kernel/cgroupfs/cgroup.h"
#include "kernel/parameter.h"
#include "kernel/process/process.h"
#include "kernel/report/log.h"
#include "kernel/thrashing/sampling.h"
#include "lib/panic.h"
#include "mm/mm.h"

#define INTERVAL_NS   100000000ull
#define NS_PER_SECOND 1000000000ull
#define US_PER_SECOND 1000000ull
#define REST          3u          /* times as long as looking at the claims took */
#define JUDGED_NS     10000000ull /* a fault rate needs so much running… */
#define JUDGED_FAULTS 16u         /* …or so many faults, to be one */

struct allocation allocation;
bool allocation_under_way;

static bool wanted;     /* a round, before the interval is over */
static uint64_t rested; /* when the next may begin by itself */
static bool told_short; /* that frames do not suffice for the minimums */

/* --- What a group claims ----------------------------------------------------------------- */

static bool takes_part(unsigned group)
{
    return group != GROUP_ALL && cgroups[group].directory && !cgroups[group].fixed;
}

/* The process waits outside of memory, and anybody may have what it still holds. */
static bool is_outside(const struct process *process)
{
    return process->suspended && !process->returning;
}

/* Has it a claim of its own? If it uses its parent's space (vfork), that one speaks for both. */
static bool has_claim(const struct process *process)
{
    const struct process *parent = process->parent;

    if (!process->space || is_outside(process))
        return false;
    return !parent || parent->space != process->space || is_outside(parent);
}

/* What one instruction of the process may touch: code that is wired takes no frames, and
 * only `enter` touches three places at once, two of them on the stack. */
static uint32_t minimum_of(const struct process *process, bool code)
{
    uint32_t sum = 0;
    for (const struct thread *thread = process->threads; thread; thread = thread->sibling) {
        uint64_t top = thread->user_frame->rsp - sizeof(uint64_t);
        struct region_view stack;
        bool wired = view_region(process->space, top, &stack) && stack.wired;
        sum +=
            ALLOCATION_DATA + (code ? ALLOCATION_CODE : 0) + (wired ? 0 : ALLOCATION_STACK);
    }
    return sum;
}

static void claim_add(struct claim *claim, struct process *process)
{
    bool code = false;
    uint64_t size = 0;
    uint32_t weight = allocation_weight(process->nice);
    sampling_read();
    uint32_t working_set = working_set_count(process->space);

    struct region_view region;
    for (uintptr_t at = 0; view_region_above(process->space, at, &region);
         at = region.end) {
        if (region.wired || region.of_kernel || !region.access)
            continue;
        size += (region.end - region.start) / PAGE_SIZE;
        code |= (region.access & ACCESS_EXECUTE) != 0;
    }
    if (working_set > size) /* wired pages are in use, too, but take none of the share */
        working_set = (uint32_t)size;
    size += claim->size;
    claim->size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
    claim->minimum += minimum_of(process, code);
    claim->weight = weight > claim->weight ? weight : claim->weight;
    claim->working_set += working_set;
    if (process->returning && groups[claim->group].share == 0)
        claim->share += working_set; /* it goes on with what it had */
}

static struct claim claim_new(unsigned group)
{
    /* One that is new under a scheme goes on with what it holds. */
    uint32_t share = groups[group].share ? groups[group].share : groups[group].charged;
    return (struct claim){
        .group = group, .share = share, .fault_rate = cgroups[group].fault_rate};
}

bool allocation_claim(unsigned group, struct claim *claim)
{
    bool populated = false;

    *claim = claim_new(group);
    for (struct process *process = process_first; process; process = process->next) {
        if (!has_claim(process) || process->space->group != group)
            continue;
        claim_add(claim, process);
        populated = true;
    }
    return populated && takes_part(group);
}

/* Of all groups that take part, in the order in which they are met. */
static unsigned claims_collect(struct claim *claims)
{
    static uint16_t place[GROUPS_MAX]; /* of the group's claim, + 1 */
    unsigned count = 0;

    for (unsigned i = 0; i < GROUPS_MAX; i++)
        place[i] = 0;
    for (struct process *process = process_first; process; process = process->next) {
        if (!has_claim(process) || !takes_part(process->space->group))
            continue;
        unsigned group = process->space->group;
        if (!place[group]) {
            claims[count++] = claim_new(group);
            place[group] = count;
        }
        claim_add(&claims[place[group] - 1], process);
    }
    return count;
}

/* --- Fault rates ---------------------------------------------------------------------------- */

static uint64_t group_time(unsigned group)
{
    uint64_t sum = 0;

    for (const struct process *process = process_first; process; process = process->next)
        if (process->space && process->space->group == group)
            sum += process_running_time(process);
    return sum;
}

/* Pages that came in since the last time, against the group's own running. Too little of
 * both says nothing yet. */
static void rate_judge(struct claim *claim)
{
    struct cgroup *cgroup = &cgroups[claim->group];
    uint64_t time = group_time(claim->group);
    uint64_t faults = groups[claim->group].faults - cgroup->measured_faults;
    bool begins = cgroup->measured_time == 0 || time < cgroup->measured_time;
    uint64_t ran = begins ? 0 : time - cgroup->measured_time;

    claim->judged = !begins && ran > 0 && (ran >= JUDGED_NS || faults >= JUDGED_FAULTS);
    if (claim->judged) {
        uint64_t rate = faults * NS_PER_SECOND / ran;
        claim->fault_rate = rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
        cgroup->fault_rate = claim->fault_rate;
    }
    if (begins || claim->judged) {
        cgroup->measured_faults = groups[claim->group].faults;
        cgroup->measured_time = time;
    }
}

/* --- A round ---------------------------------------------------------------------------------- */

void allocation_settle(void)
{
    while (allocation_under_way)
        thread_sleep(&allocation_under_way, SLEEP_ALWAYS, UINT64_MAX);
}

/* Without a share, and without a limit but one by hand. */
static void release(unsigned group)
{
    if (cgroups[group].fixed)
        shares_leave(&groups[group]);
    else
        shares_end(&groups[group]);
}

/* Those that have a share and no claim any more. */
static void release_others(const struct claim *claims, unsigned count)
{
    for (unsigned group = 0; group < group_count; group++) {
        bool claimed = false;
        for (unsigned i = 0; i < count && groups[group].share; i++)
            claimed |= claims[i].group == group;
        if (groups[group].share && !claimed)
            release(group);
    }
}

static void tell_if_short(bool suffices, uint64_t shares, unsigned count)
{
    if (!suffices && !told_short)
        log_line("allocation: %u frames do not suffice for the minimums of %u groups, "
                 "%lu frames; each has its minimum",
                 allocation.divided, count, shares);
    told_short = !suffices;
}

static void divide(void)
{
    static struct claim claims[GROUPS_MAX];
    uint64_t begin = time_now();
    unsigned count = claims_collect(claims);
    uint32_t all = shares_frames();
    uint64_t shares = 0;

    allocation.divided =
        allocation.asked && allocation.asked < all ? allocation.asked : all;
    if (allocation.scheme == ALLOCATION_FAULT_FREQUENCY)
        for (unsigned i = 0; i < count; i++)
            rate_judge(&claims[i]);
    bool suffices = allocation_divide(allocation.scheme, allocation.bounds, claims, count,
                                      allocation.divided);
    for (unsigned i = 0; i < count; i++)
        shares += claims[i].share;
    tell_if_short(suffices, shares, count);
    release_others(claims, count);
    rested = time_now() + REST * (time_now() - begin);
    shares_apply(allocation.scheme, claims, count,
                 suffices ? allocation.divided : (uint32_t)shares);
}

bool allocation_fits(struct process *one_more)
{
    static struct claim claims[GROUPS_MAX];
    bool fits = true;

    if (allocation.scheme == ALLOCATION_GLOBAL ||
        allocation.scheme == ALLOCATION_FAULT_FREQUENCY)
        return true;
    if (one_more)
        one_more->returning = true;
    unsigned count = claims_collect(claims);
    if (one_more)
        one_more->returning = false;
    allocation_divide(allocation.scheme, allocation.bounds, claims, count,
                      allocation.divided);
    for (unsigned i = 0; i < count; i++)
        fits &= claims[i].working_set <= claims[i].share;
    return fits;
}

static void round_run(void)
{
    allocation_settle();
    allocation_under_way = true;
    wanted = false;
    shares_turns = cgroup_each && allocation.scheme == ALLOCATION_GLOBAL;
    if (allocation.scheme == ALLOCATION_GLOBAL)
        release_others(NULL, 0);
    else
        divide();
    allocation_under_way = false;
    thread_wake(&allocation_under_way);
    cgroup_sweep();
}

void allocation_now(void)
{
    if (allocation.scheme != ALLOCATION_GLOBAL)
        round_run();
}

void allocation_soon(void)
{
    if (wanted || (allocation.scheme == ALLOCATION_GLOBAL && !cgroup_each))
        return;
    wanted = true;
    thread_wake(&wanted);
}

void allocation_set(enum allocation_scheme scheme, uint32_t frames_)
{
    allocation.scheme = scheme;
    allocation.asked = frames_;
    round_run();
    allocation_soon(); /* the thread looks how long it may sleep now */
}

void allocation_begin(struct group *group)
{
    uint64_t shares = shares_sum();

    if (allocation.scheme == ALLOCATION_GLOBAL)
        return;
    uint64_t room = shares < allocation.divided ? allocation.divided - shares : 0;
    mm_lock();
    share_set(group, room > ALLOCATION_MINIMUM ? (uint32_t)room : ALLOCATION_MINIMUM);
    mm_unlock();
    allocation_soon();
}

/* --- The thread ----------------------------------------------------------------------- */

static _Noreturn void allocation_run(void *argument __attribute__((unused)))
{
    for (;;) {
        bool global = allocation.scheme == ALLOCATION_GLOBAL;
        if (!wanted)
            thread_sleep(&wanted, SLEEP_ALWAYS,
                         global ? UINT64_MAX : time_now() + INTERVAL_NS);
        while (time_now() < rested)
            thread_sleep(&rested, SLEEP_ALWAYS, rested);
        round_run();
    }
}

/* At the upper bound a process waits for the swap device as long as it runs. */
static struct allocation_bounds bounds_standard(void)
{
    uint64_t service = parameters.swap_latency;
    uint64_t upper = service ? US_PER_SECOND / service : 1000;

    upper = upper < 10 ? 10 : upper > 10000 ? 10000 : upper;
    return (struct allocation_bounds){.upper = (uint32_t)upper,
                                      .lower = (uint32_t)upper / 10};
}

void allocation_start(void)
{
    struct thread *thread = thread_create(NULL, allocation_run, NULL);

    if (!thread)
        panic("no memory for the thread that allocates frames");
    allocation.bounds = bounds_standard();
    thread_ready(thread);
    if (!*parameters.alloc)
        return;
    allocation.scheme = allocation_find(parameters.alloc);
    allocation.asked = (uint32_t)parameters.frames;
    cgroup_each = allocation.scheme != ALLOCATION_GLOBAL;
}
