/* mm/frame_allocation/group.c - groups: who is charged, and what their policy is told.
 *
 * A frame that holds a page is charged to one group from the moment it is taken until it is
 * free again, and in the hands of the group's policy from when its page is there until it
 * is chosen. */
#include "mm/frame_allocation/group.h"
#include "mm/hooks.h"

#include "lib/errno.h"
#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/frames/frames.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

struct group groups[GROUPS_MAX];
unsigned group_count;
bool groups_special;

static uint32_t read_waiters;

static __attribute__((noinline)) void group_tick_if_due(struct group *group) REQUIRES(mm)
{
    if (group->faults % group->tick_period == 0)
        harvest_tick(group);
}

bool group_demand(struct charge *charge)
{
    struct group *group = &groups[charge->group];
    if (!charge->counted) {
        charge->counted = true;
        group->faults++;
        if (group->tick_period > 0)
            group_tick_if_due(group);
    }
    return group_has_room(group);
}

void group_admit(struct charge *charge, frame_t frame)
{
    struct group *group = &groups[charge->group];
    charge->counted = false;
    frame_get(frame)->group = charge->group;
    group->charged++;
    ASSERT(group->charged <= group->limit || group->share > 0);
    if (group->charged > group->peak)
        group->peak = group->charged;
    frame_get(frame)->admitted = true;
    policy_admit(group->policy, group, frame);
}

void group_remove(frame_t frame)
{
    struct group *group = &groups[frame_get(frame)->group];
    ASSERT(frame_get(frame)->admitted);
    frame_get(frame)->admitted = false;
    policy_remove(group->policy, group, frame);
}

void group_uncharge(frame_t frame)
{
    struct group *group = &groups[frame_get(frame)->group];
    ASSERT(group->charged > 0);
    group->charged--;
}

/* --- Pages that are being read ---------------------------------------------------------- */

void group_read_begins(frame_t frame)
{
    groups[frame_get(frame)->group].reading++;
}

void group_read_ends(frame_t frame)
{
    struct group *group = &groups[frame_get(frame)->group];
    ASSERT(group->reading > 0);
    group->reading--;
    if (read_waiters > 0)
        above_wake(&read_waiters);
}

/* Others' reads wake it, too: it looks again. */
bool group_read_wait(const struct group *group)
{
    if (group->reading == 0)
        return false;
    laundry_send(); /* whoever reads may wait for what is held back */
    read_waiters++;
    above_sleep(&read_waiters);
    read_waiters--;
    laundry_reap();
    return true;
}

void group_wire(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->wired < UINT16_MAX);
    if (f->wired++ == 0) {
        group_remove(frame);
        group_uncharge(frame);
        groups[f->group].wired++;
    }
}

void group_unwire(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(f->wired > 0);
    if (--f->wired > 0)
        return;
    struct charge own = {.group = f->group};
    struct charge all = {.group = GROUP_ALL};
    groups[f->group].wired--;
    if (group_has_room(&groups[f->group]))
        group_admit(&own, frame);
    else if (group_has_room(&groups[GROUP_ALL])) {
        group_admit(&all, frame);
        trace_page(TRACE_CHARGE, f->page, frame, GROUP_ALL);
    } else /* nobody may be charged for it: it stays, until its page ends */
        groups[f->group].wired += f->wired = 1;
}
