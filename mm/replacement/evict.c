/* mm/replacement/evict.c - page replacement, the mechanism: how a chosen page goes.
 *
 * The order is everything, and always this one (X86-CHECKLIST 3, 6, 7):
 *
 *     1. the frame is BUSY: whoever faults on its page from now on waits
 *     2. nobody may write to it any more: every entry that points here loses W, and is
 *        flushed. Only now is D final, on every processor, and can be judged: do the
 *        contents differ from their backing? (Judged before, a write that came in between
 *        would be lost with the frame.)
 *     3. every entry is exchanged for the page's name, or for zero, when its region finds it
 *        again; flush: from here on no processor can reach the frame
 *     4. if the contents differ, write them to a slot
 *     5. the frame is FREE, but keeps its page until it is used again: a fault before that
 *        rescues it, without reading anything
 *
 * Nothing here allocates memory. */
#include "mm/replacement/evict.h"

#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/policy.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/swappiness.h"
#include "mm/trace.h"

struct evict_counts evict_counts;

/* --- Step 3: out of every space ------------------------------------------------------- */

/* Every entry that points to the frame becomes `value`: the page's name, or zero when that is
 * enough to find it again. A zero is one holder less; a name still holds it. A and D of each entry
 * are the frame's from now on (mapper_withdraw). No processor remembers any of them afterwards. */
static void evict_unmap(frame_t frame, pte_t value) REQUIRES(mm)
{
    struct page *page = page_get(frame_get(frame)->page);
    struct flush flush;
    trace_page(TRACE_WITHDRAW, frame_get(frame)->page, frame, value.bits);
    flush_begin_loaded(&flush);
    while (mapper_is(frame_get(frame)->mappers)) {
        mapper_t mapper = frame_get(frame)->mappers;
        mapper_withdraw(mapper_entry(mapper), frame_get(mapper_table(mapper)), value);
        mapper_flush(mapper, &flush);
        page->holders -= pte_is_zero(value);
    }
    flush_end(&flush);
}

/* Private memory never written since it was zeroes: if all who know it are mappers, they
 * can forget it. */
static bool evict_is_zeroes(frame_t frame) REQUIRES(mm)
{
    const struct page *page = page_get(frame_get(frame)->page);
    if (page->object != NULL || slot_is(page->slot))
        return false;
    uint32_t mappers = 0;
    for (mapper_t at = frame_get(frame)->mappers; mapper_is(at); at = mapper_link(at)->next)
        mappers++;
    return page->holders == mappers;
}

bool evict_needs_slot(frame_t frame)
{
    const struct page *page = page_get(frame_get(frame)->page);
    if (slot_is(page->slot))
        return false;
    if (harvest_modified(frame))
        return true;
    bool traced = group_traced(frame_get(frame)->group); /* its hook finds all who know */
    return page->object == NULL && !traced && !evict_is_zeroes(frame);
}

/* --- Step 5: free, or back ------------------------------------------------------------- */

static void evict_free(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    struct page *page = page_get(f->page);
    struct group *group = &groups[f->group];
    group->evicted++;
    evict_counts.evicted++;
    page->evicted_at = (uint32_t)group->faults;
    trace(TRACE_EVICT, 0, 0, f->page, frame, page->slot.number);
    if (page->holders == 0) { /* zeroes, forgotten by all */
        page_end_alone(f->page);
    } else {
        group_uncharge(frame);
        frame_free(frame);
    }
    above_wake(f);
}

/* A victim that cannot go now. */
static void evict_readmit(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    struct charge charge = {.group = f->group, .counted = true};
    f->state = FRAME_RESIDENT;
    trace_page(TRACE_STATE, f->page, frame, FRAME_RESIDENT);
    group_uncharge(frame);
    group_admit(&charge, frame);
    above_wake(f);
}

void evict_written(frame_t frame, bool written)
{
    page_t page = frame_get(frame)->page;
    if (page_get(page)->holders == 0) {
        page_end_alone(page);
        above_wake(frame_get(frame));
    } else if (written) {
        evict_free(frame);
    } else {
        evict_readmit(frame);
    }
}

/* --- All of it -------------------------------------------------------------------------- */

bool evict(frame_t frame)
{
    struct frame *f = frame_get(frame);
    group_evicting(frame);
    group_remove(frame);
    f->state = FRAME_BUSY;
    trace_page(TRACE_STATE, f->page, frame, FRAME_BUSY);
    bool modified = harvest_modified_finally(frame);
    bool zeroes = !modified && evict_is_zeroes(frame);
    evict_unmap(frame,
                page_get(f->page)->object != NULL || zeroes ? PTE_ZERO : pte_name(f->page));
    ASSERT(f->dirty == modified); /* no D has come after it was final */
    const struct page *page = page_get(f->page);
    if (page->object == NULL && page->holders > 0 && !slot_is(page->slot))
        f->dirty = true; /* zeroes, but known by name: they need a slot */
    if (!f->dirty) {
        evict_free(frame);
        return true;
    }
    if (laundry_write(frame))
        return true;
    evict_readmit(frame);
    return false;
}

/* The policy's victims one after the other, as many as the group has frames, until one goes. Each
 * counts as scanned. One that its object keeps (object_keeps), or that cannot be evicted, is passed
 * over; where the policy names none, the round is over. Before each, the laundry must have room.
 * Who watches the group (`watched`) is told of each that is about to go, and of the one that has.
 * Its write is sent at once, unless with `cluster`, and what has been written by then is reaped.
 * FREED or STARTED says whether its frame is free by then; WAIT: none went, and a write that is
 * under way may change that. */
static enum reclaim reclaim_round(struct group *group, bool cluster) REQUIRES(mm)
{
    for (uint32_t tried = group->charged; tried > 0; tried--) {
        if (laundry_full())
            return RECLAIM_WAIT;
        frame_t victim = policy_victim(group->policy, group);
        if (!frame_is(victim))
            break;
        if (__builtin_expect(swappiness != SWAPPINESS_ALIKE, false))
            victim = swappiness_weigh(group, victim);
        group->scanned++;
        evict_counts.scanned++;
        if (object_keeps(victim))
            continue;
        if (group->watched)
            above_evicting(group_index(group), frame_get(victim)->page);
        if (evict(victim)) {
            if (group->watched)
                above_evicted(group_index(group));
            if (!cluster)
                laundry_send();
            laundry_reap();
            return frame_get(victim)->state == FRAME_FREE ? RECLAIM_FREED : RECLAIM_STARTED;
        }
    }
    return laundry_count > 0 ? RECLAIM_WAIT : RECLAIM_NOTHING;
}

enum reclaim reclaim(struct group *group, bool cluster)
{
    mm_assert_locked();
    laundry_reap();
    if (objects_bury())
        return RECLAIM_FREED;
    harvest_begin();
    enum reclaim result = reclaim_round(group, cluster);
    harvest_end();
    return result;
}

void reclaim_check(struct group *group)
{
    harvest_begin();
    if (!frame_is(policy_victim(group->policy, group)))
        policy_check_none(group->policy, group);
    harvest_end();
}
