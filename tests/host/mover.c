/* tests/host/mover.c - see mover.h for the idea. All it does, threads of the same spaces could
 * do; it never sleeps. */
#include "tests/host/mover.h"

#include "mm/address_spaces/change.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/space_remap.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/group.h"
#include "mm/frames/queue.h"
#include "mm/hooks.h"
#include "mm/lock.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/laundry.h"
#include "tests/host/above.h"
#include "tests/host/choice.h"
#include "tests/host/machine.h"

uint64_t mover_regions, mover_tables, mover_frames;

/* --- Who ------------------------------------------------------------------------------------ */

static struct space *space_any(void)
{
    uint32_t count = 0;
    struct space *space;
    for (space = space_first; space != NULL; space = space->next)
        count++;
    if (count == 0)
        return NULL;
    uint32_t pick = machine_dice(count);
    for (space = space_first; pick > 0; pick--)
        space = space->next;
    return space;
}

/* Of a space that somebody is in the middle of changing, or is to change next, regions stay. */
static struct region *region_any(struct space *space)
{
    if (space == NULL || change_must_wait(space) || space->region_count == 0)
        return NULL;
    struct region *region = space->first;
    for (uint32_t pick = machine_dice(space->region_count); pick > 0; pick--)
        region = region->next;
    return region;
}

/* --- Regions ---------------------------------------------------------------------------------- */

/* The same promise, written down elsewhere. */
static void region_replace(struct space *space, struct region *region)
{
    struct region *copy = region_create(space);
    if (copy == NULL)
        return;
    *copy = *region;
    if (copy->object != NULL)
        object_hold_locked(copy->object);
    region_remove(space, region);
    region_destroy(region);
    region_insert(space, copy);
    mover_regions++;
}

/* In two, and one again: what says the same does not stay apart. */
static void region_cut(struct space *space, struct region *region)
{
    uintptr_t start = region->start, end = region->end;
    uint32_t pages = (uint32_t)((end - start) / PAGE_SIZE);
    if (pages < 2)
        return;
    uintptr_t middle = start + (1 + machine_dice(pages - 1)) * PAGE_SIZE;
    if (region_isolate(space, start, middle) == 0)
        region_join_range(space, start, end);
    mover_regions++;
}

/* --- Tables ----------------------------------------------------------------------------------- */

/* On another processor its user code would find it gone. */
static bool is_used_elsewhere(const struct space *space)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (&processors[i] != this_processor &&
            frame_same(processors[i].root, space->table.root))
            return true;
    return false;
}

/* The region goes elsewhere, with all its entries, and comes back: the tables that it leaves
 * are freed in between. */
static void tables_renew(struct space *space, const struct region *region)
{
    const uint32_t enough = 2 * (2 * space->table.frames + 40);
    uintptr_t start = region->start;
    size_t length = region->end - start;
    if (frame_counts.free < frame_watermarks.high + enough || region->grows_down ||
        is_used_elsewhere(space))
        return;
    struct remap_request away = {start, length, length, MREMAP_MAYMOVE, 0};
    away.flags |= MREMAP_FIXED;
    mm_lock();
    away.place = region_gap(space, length, REGION_BOTTOM, REGION_TOP);
    mm_unlock();
    if (away.place == 0 || space_remap(space, away) != (intptr_t)away.place)
        return;
    struct remap_request back = {away.place, length, length, MREMAP_MAYMOVE | MREMAP_FIXED,
                                 start};
    intptr_t place = space_remap(space, back);
    if (place != (intptr_t)start)
        host_fail("the mover cannot bring %#lx back: %ld", start, place);
    mover_tables++;
}

/* --- Frames --------------------------------------------------------------------------- */

#define VICTIMS 3

/* Some pages go, by their policies' choice. */
static void frames_evict(void)
{
    struct group *group = &groups[machine_dice(group_count)];
    for (unsigned i = 0; group->in_use && i < VICTIMS; i++)
        if (reclaim(group, false) == RECLAIM_NOTHING)
            break;
    laundry_send();
}

/* Free frames that still keep their pages are used for something else: what comes back, comes
 * to another frame; what has no slot, under another id. */
static void frames_reuse(void)
{
    static frame_t taken[4 * VICTIMS];
    unsigned count = 0;
    while (count < 4 * VICTIMS && frame_list(FRAME_LIST_KEPT)->count > 0) {
        frame_t frame = frame_list(FRAME_LIST_KEPT)->head;
        page_t page = frame_get(frame)->page;
        frame_rescue(frame);
        page_lose_frame(page);
        frame_get(frame)->page = PAGE_NONE;
        taken[count++] = frame;
    }
    mover_frames += count;
    while (count > 0)
        frame_free(taken[--count]);
}

/* --- At a sleep ----------------------------------------------------------------------- */

void mover_run(void)
{
    struct space *space = space_any();
    struct region *region = region_any(space);
    uint32_t fail_frames = frame_fail_after, fail_objects = machine_slab_fail_after;
    frame_fail_after = machine_slab_fail_after = 0;
    host_turns_kept++; /* it is somebody's pause already */
    if (region != NULL && machine_dice(4) == 0)
        tables_renew(space, region);
    mm_lock();
    region = region_any(space);
    if (region != NULL)
        (machine_dice(2) ? region_cut : region_replace)(space, region);
    if (machine_dice(4) == 0)
        frames_evict();
    frames_reuse();
    mm_unlock();
    host_turns_kept--;
    frame_fail_after = fail_frames;
    machine_slab_fail_after = fail_objects;
}
