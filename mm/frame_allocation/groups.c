/* mm/frame_allocation/groups.c - groups come, change their limits, and go. */
#include "mm/frame_allocation/group.h"

#include "lib/errno.h"
#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/frame_allocation/group_hooks.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frames/frames.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

/* --- Groups come and go ---------------------------------------------------------------- */

static void group_open(struct group *group) REQUIRES(mm)
{
    if (group_index(group) >= group_count)
        group_count = group_index(group) + 1u;
    *group = (struct group){.in_use = true,
                            .first = FRAME_NONE,
                            .last = FRAME_NONE,
                            .tick_at = FRAME_NONE,
                            .limit = UINT32_MAX,
                            .policy = policies[0]};
    policy_open(group->policy, group);
    trace_range(TRACE_LIMIT, 0, group->limit, group_index(group));
}

void group_start(void)
{
    group_open(&groups[GROUP_ALL]);
}

struct group *group_create(void)
{
    unsigned i = 0;
    mm_lock();
    while (i < GROUPS_MAX && groups[i].in_use)
        i++;
    if (i < GROUPS_MAX)
        group_open(&groups[i]);
    mm_unlock();
    return i < GROUPS_MAX ? &groups[i] : NULL;
}

/* Whoever has the space loaded, and does not idle, takes frames for its group: on other processors,
 * too. */
static void group_is_current(const struct space *space) REQUIRES(mm)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (frame_same(processors[i].root, space->table.root) &&
            processors[i].account == space->account)
            processors[i].group = space->group;
}

void group_join(struct space *space, const struct group *group)
{
    mm_lock();
    uint16_t before = space->group;
    space->group = group_index(group);
    trace_range(TRACE_JOIN, space->id, 0, space->group);
    group_is_current(space);
    mm_unlock();
    group_moved(space, before);
}

void group_destroy(struct group *group, struct group *heir)
{
    mm_lock();
    while (frame_is(group->first))
        group_pass_on(group, heir, group->first);
    group->in_use = false;
    trace_range(TRACE_HEIR, 0, group_index(group), group_index(heir));
    mm_unlock();
}

/* --- Limits ---------------------------------------------------------------------------- */

/* Evict until at most `most` frames are charged. */
static int group_shrink(struct group *group, uint32_t most) REQUIRES(mm)
{
    while (group->charged > most) {
        if (above_dying())
            return -EINTR;
        change_rest();
        enum reclaim result = reclaim(group, false);
        if (result == RECLAIM_NOTHING)
            return -ENOMEM;
        if (result != RECLAIM_FREED)
            laundry_wait();
    }
    return 0;
}

void group_limit_set(struct group *group, uint32_t limit)
{
    groups_special |= limit != UINT32_MAX;
    if (group->limit == limit)
        return;
    group->limit = limit;
    trace_range(TRACE_LIMIT, 0, limit, group_index(group));
}

int group_limit(struct group *group, uint32_t limit)
{
    mm_lock();
    int error = group_shrink(group, limit);
    if (!error)
        group_limit_set(group, limit);
    mm_unlock();
    return error;
}

uint32_t group_reclaim(struct group *group, uint32_t count)
{
    mm_lock();
    uint32_t before = group->charged, goal = before > count ? before - count : 0;
    group_shrink(group, goal);
    uint32_t after = group->charged;
    mm_unlock();
    return before > after ? before - after : 0;
}

void group_tick(struct group *group)
{
    mm_lock();
    harvest_tick_in_parts(group);
    mm_unlock();
}

void group_watch(struct group *group, bool watched)
{
    mm_lock();
    group->watched = watched;
    mm_unlock();
}

void group_tick_every(struct group *group, uint32_t faults)
{
    mm_lock();
    group->tick_period = faults;
    mm_unlock();
}
