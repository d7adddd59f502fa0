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

/* --- Its frames ------------------------------------------------------------------------- */

static inline void group_enter(uint16_t index, frame_t frame) REQUIRES(mm)
{
    struct group *group = &groups[index];
    struct frame *f = frame_get(frame);
    frame_t last = group->last;
    f->group = index;
    f->group_previous = last;
    f->group_next = FRAME_NONE;
    *(frame_is(last) ? &frame_get(last)->group_next : &group->first) = frame;
    group->last = frame;
}

static inline void group_leave(struct group *group, frame_t frame) REQUIRES(mm)
{
    const struct frame *f = frame_get(frame);
    frame_t before = f->group_previous, after = f->group_next;
    *(frame_is(before) ? &frame_get(before)->group_next : &group->first) = after;
    *(frame_is(after) ? &frame_get(after)->group_previous : &group->last) = before;
    if (frame_same(group->tick_at, frame))
        group->tick_at = after;
}

/* --- Charged, and in its policy's hands -------------------------------------------------- */

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
    group_enter(charge->group, frame);
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
    group_leave(group, frame);
    group->charged--;
}

void group_drop(frame_t frame)
{
    struct frame *f = frame_get(frame);
    struct group *group = &groups[f->group];
    ASSERT(f->admitted && group->charged > 0);
    f->admitted = false;
    group_leave(group, frame);
    group->charged--;
    policy_remove(group->policy, group, frame);
}

void group_uncharge_wired(frame_t frame)
{
    struct group *group = &groups[frame_get(frame)->group];
    ASSERT(group->wired > 0);
    group_leave(group, frame);
    group->wired--;
}

/* One that is on its way out only has the bill passed on. */
void group_pass_on(struct group *group, struct group *heir, frame_t frame)
{
    struct frame *f = frame_get(frame);
    if (f->admitted) {
        struct charge charge = {.group = group_index(heir), .counted = true};
        bool read = f->state == FRAME_BUSY;
        group->reading -= read;
        group_remove(frame);
        group_uncharge(frame);
        group_admit(&charge, frame);
        heir->reading += read;
        return;
    }
    group_leave(group, frame);
    group_enter(group_index(heir),
                frame); /* a wired one, too: whose it will be when it is not */
    *(f->wired > 0 ? &group->wired : &group->charged) -= 1;
    *(f->wired > 0 ? &heir->wired : &heir->charged) += 1;
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
        group_enter(f->group, frame);
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
    if (!group_has_room(&groups[f->group]) && !group_has_room(&groups[GROUP_ALL])) {
        f->wired = 1; /* nobody may be charged for it: it stays, until its page ends */
        return;
    }
    group_uncharge_wired(frame);
    if (group_has_room(&groups[f->group])) {
        group_admit(&own, frame);
    } else {
        group_admit(&all, frame);
        trace_page(TRACE_CHARGE, f->page, frame, GROUP_ALL);
    }
}
