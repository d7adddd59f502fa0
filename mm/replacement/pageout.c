/* mm/replacement/pageout.c - the paging daemon ("the reaper"), and what a fault does
 * without a frame.
 *
 * Evicting a page takes time, most of all when it must be written, and a fault should not
 * have to wait for it. So frames are freed ahead of need: when fewer than `low` are free
 * the daemon wakes, and works until `high` are. It asks the policy of the group that holds
 * most beyond its share, for a share is a group's own. A fault that comes too late sleeps
 * until a frame comes free. `reserve` is out of the users' reach, so that whoever frees
 * memory can always finish.
 *
 * When nothing can go any more, neither to a slot nor for nothing, and somebody waits, a
 * process must end (oom.c). */
#include "mm/replacement/pageout.h"
#include "mm/hooks.h"

#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/laundry.h"
#include "mm/trace.h"

#define FREED_AT_ONCE 16u /* pages, between two looks at the clock */

struct pageout_counts pageout_counts;

static bool awake GUARDED_BY(mm);
/* The last work freed nothing, and nobody waits: wait for a reason. */
static bool futile GUARDED_BY(mm);
static uint16_t wanting
    GUARDED_BY(mm); /* the group for whose sake the daemon was woken last */

void pageout_wake(void)
{
    wanting = group_current;
    if (!awake && !futile) {
        awake = true;
        above_wake(&awake);
    }
}

void pageout_wake_to_bury(void)
{
    above_wake(&awake);
}

/* Sleepers that would rather be refused than have somebody end, and how often they were. */
static uint32_t gentle GUARDED_BY(mm), refusals GUARDED_BY(mm);

uint32_t pageout_shrink(void)
{
    return slab_shrink() + above_shrink();
}

static uint32_t wanted GUARDED_BY(mm); /* frames that somebody needs all at once */

/* Where the daemon stops. */
static uint32_t pageout_goal(void) REQUIRES(mm)
{
    uint32_t goal = frame_watermarks.reserve + wanted;
    return goal > frame_watermarks.high ? goal : frame_watermarks.high;
}

/* Of the group that has most to give; if nothing of that can go, of any. */
static enum reclaim reclaim_largest(uint16_t wants) REQUIRES(mm)
{
    enum reclaim result = shares_reclaim(shares_source(), wants, true);
    for (unsigned i = 0; i < group_count && result == RECLAIM_NOTHING; i++) {
        if (shares_excess(&groups[i]) > 0)
            result = shares_reclaim(&groups[i], wants, true);
    }
    return result;
}

/* A page of some group is being read: until it is there, and can go. False: none is. */
static bool wait_for_reading(void) REQUIRES(mm)
{
    for (unsigned i = 0; i < group_count; i++)
        if (group_read_wait(&groups[i]))
            return true;
    return false;
}

/* Work until `high` frames are free or nothing can go. False: nothing could. */
static bool pageout_work(void) REQUIRES(mm)
{
    bool progress = pageout_shrink() > 0, stuck = false;
    while (frame_counts.free + laundry_count < pageout_goal()) {
        uint64_t before = evict_counts.scanned;
        enum reclaim result = reclaim_largest(wanting);
        pageout_counts.scanned += evict_counts.scanned - before;
        if (result == RECLAIM_NOTHING && frame_waiters > 0 && wait_for_reading())
            continue;
        if (result == RECLAIM_NOTHING && shares_press(pageout_goal() - frame_counts.free))
            continue;
        stuck = result == RECLAIM_NOTHING && !progress;
        if (result == RECLAIM_NOTHING)
            break;
        progress = true;
        if (result == RECLAIM_WAIT)
            laundry_wait();
        else if (++pageout_counts.freed % FREED_AT_ONCE == 0)
            change_rest();
    }
    laundry_send();
    while (laundry_count > 0 && frame_counts.free < pageout_goal())
        laundry_wait();
    return !stuck; /* having found enough free already is not being stuck */
}

/* Nothing can go any more, neither to a slot nor for nothing. */
static void pageout_stuck(void) REQUIRES(mm)
{
    if (frame_waiters > gentle) {
        oom_relieve(OOM_ANYBODY);
    } else if (gentle > 0) {
        refusals++;
        above_wake(&frame_counts);
    }
}

/* Until frames are wanted. */
static void pageout_rest(void) REQUIRES(mm)
{
    while (!awake) {
        if (objects_bury())
            change_rest();
        else
            above_sleep(&awake);
    }
}

void pageoutd(void)
{
    mm_lock();
    for (;;) {
        pageout_rest();
        pageout_counts.wakeups++;
        trace_page(TRACE_PAGEOUTD, PAGE_NONE, FRAME_NONE, true);
        bool progress = pageout_work();
        if (!progress)
            pageout_stuck();
        futile = !progress;
        awake = !futile && frame_counts.free < frame_watermarks.low;
        trace_page(TRACE_PAGEOUTD, PAGE_NONE, FRAME_NONE, awake);
    }
}

/* --- Waiting ------------------------------------------------------------------------- */

/* Until a frame comes free. False: the caller is being ended. */
static bool sleep_for_frame(void) REQUIRES(mm)
{
    frame_waiters++;
    bool alive = above_sleep_killable(&frame_counts);
    frame_waiters--;
    return alive;
}

/* The same, with the daemon at work for it. */
static bool wait_for_frame(void) REQUIRES(mm)
{
    futile = false;
    pageout_wake();
    return sleep_for_frame();
}

bool pageout_reserve(uint32_t count)
{
    mm_assert_locked();
    if (count > frame_counts.total / 2)
        return false;
    wanted += count;
    bool alive = !above_dying();
    while (alive && !memory_is_there(count))
        alive = wait_for_frame();
    wanted -= count;
    return alive;
}

bool pageout_reserve_gently(uint32_t count)
{
    mm_assert_locked();
    if (count > frame_counts.total / 2)
        return false;
    uint32_t before = refusals;
    bool alive = !above_dying();
    wanted += count;
    gentle++;
    while (alive && !memory_is_there(count) && refusals == before)
        alive = wait_for_frame();
    gentle--;
    wanted -= count;
    return alive && memory_is_there(count);
}

/* A page of one group goes for the sake of one that wants a frame; or it cannot yet, and a
 * write is waited for. False: none can. */
static bool page_goes(struct group *from, uint16_t wants) REQUIRES(mm)
{
    enum reclaim result = shares_reclaim(from, wants, false);
    if (result == RECLAIM_STARTED || result == RECLAIM_WAIT)
        laundry_wait();
    return result != RECLAIM_NOTHING;
}

/* The group is at its limit: one of its own has to go. */
static bool make_room(uint16_t group) REQUIRES(mm)
{
    if (page_goes(&groups[group], group) || group_read_wait(&groups[group]) ||
        shares_stretch(&groups[group]))
        return true;
    oom_relieve(group);
    if (above_dying())
        return false;
    return sleep_for_frame();
}

bool pageout_wait(uint16_t group)
{
    mm_assert_locked();
    if (above_dying())
        return false;
    laundry_reap();
    if (groups[group].charged >= groups[group].limit)
        return make_room(group);
    /* A page may need tables, with their links, on the way to it. */
    if (frame_counts.free > frame_watermarks.reserve + 2 * TABLE_LEVELS)
        return true;
    return wait_for_frame();
}

bool pageout_evict(uint16_t group)
{
    mm_assert_locked();
    bool full = groups[group].charged >= groups[group].limit;
    struct group *from = full ? &groups[group] : shares_source();
    return page_goes(from, group);
}

bool pageout_reserve_by_eviction(uint32_t count)
{
    mm_assert_locked();
    while (!above_dying() && !memory_is_there(count)) {
        enum reclaim result = reclaim_largest(group_current);
        if (result == RECLAIM_STARTED || result == RECLAIM_WAIT)
            laundry_wait();
        else if (result == RECLAIM_NOTHING && !wait_for_reading())
            break;
    }
    return !above_dying() && memory_is_there(count);
}
