/* mm/address_spaces/space_wire.c - pages that may not go.
 *
 * Some pages must never be evicted: a program measures itself, or cannot bear the wait. A
 * *wired* page is out of its policy's hands, and not charged to its group: it competes with
 * nobody. Wiring is a property of a region, and of each entry in it; a frame is wired as
 * long as one of its mappers says so. Or it is one of an object (SHM_LOCK): then its
 * pages are wired one by one, when their policies would have them go. (fork does not
 * inherit it: the child's entries do not wire.) */
#include "mm/address_spaces/space_wire.h"
#include "mm/hooks.h"

#include "lib/errno.h"
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/trace.h"

/* --- Regions -------------------------------------------------------------------------------- */

static void wire_entry(const struct region *region, const struct position *at) REQUIRES(mm)
{
    pte_t entry = position_read(at);
    if (!pte_is_present(entry) || pte_is_zero_page(entry) ||
        pte_is_wired(entry) == (region->wired != UNWIRE))
        return;
    if (region->wired) {
        position_set_bits(at, PTE_WIRED);
        group_wire(pte_frame(entry));
    } else {
        position_clear_bits(at, PTE_WIRED);
        group_unwire(pte_frame(entry));
    }
    trace_range(TRACE_ENTRY, at->tree->id, position_address(at), position_read(at).bits);
}

static void wire_region(struct space *space, struct region *region, enum wiring wiring)
    REQUIRES(mm)
{
    region->wired = wiring;
    trace_range(TRACE_WIRE, space->id, region->start,
                (region->end - region->start) | (wiring != UNWIRE));
    struct position at;
    position_begin(&at, &space->table, region->start, region->end);
    while (position_enter(&at)) {
        for (; position_find_here(&at); position_step(&at))
            wire_entry(region, &at);
        change_pause_stretch(space, NULL, &at);
    }
}

/* `region`, and all behind it that begin before `end`. */
static void wire_regions(struct space *space, struct region *region, uintptr_t end,
                         enum wiring wiring) REQUIRES(mm)
{
    for (; region != NULL && region->start < end; region = region->next) {
        wire_region(space, region, wiring);
        if (region->end < end)
            change_pause(space, NULL, WORK_OF_REGION);
    }
}

static int wire_locked(struct space *space, uintptr_t start, uintptr_t end,
                       enum wiring wiring) REQUIRES(mm)
{
    uintptr_t hole = region_first_hole(space, start, end);
    int error = hole > start ? region_isolate(space, start, hole) : 0;
    if (error)
        return error;
    bool whole = hole == end;
    end = hole;
    wire_regions(space, region_find(space, start), end, wiring);
    region_join_range(space, start, end);
    return whole ? 0 : -ENOMEM;
}

int space_wire(struct space *space, uintptr_t start, size_t length, enum wiring wiring)
{
    uintptr_t end = start + PAGE_ROUND_UP(length);
    if (start % PAGE_SIZE != 0 || end < start)
        return -EINVAL;
    if (start == end)
        return 0;
    change_begin(space);
    int error = wire_locked(space, start, end, wiring);
    change_end(space);
    if (wiring == UNWIRE)
        group_brought(space, start, end);
    return error || wiring != WIRE ? error : space_populate(space, start, end - start);
}

/* The first range at or above *start that is promised. False: there is none. */
static bool range_next(struct space *space, uintptr_t *start, uintptr_t *end) EXCLUDES(mm)
{
    mm_lock();
    const struct region *region = region_at_or_above(space, *start);
    if (region != NULL) {
        *start = region->start;
        *end = region->end;
    }
    mm_unlock();
    return region != NULL;
}

/* In one change, so that nothing is left out because others change the space meanwhile. */
void space_wire_all(struct space *space, enum wiring wiring)
{
    change_begin(space);
    wire_regions(space, space->first, USER_END, wiring);
    region_join_range(space, 0, USER_END);
    change_end(space);
    if (wiring == UNWIRE)
        group_brought(space, 0, USER_END);
    uintptr_t end;
    for (uintptr_t start = 0; wiring == WIRE && range_next(space, &start, &end);
         start = end) {
        space_populate(space, start, end - start);
    }
}

bool space_range_wired(struct space *space, uintptr_t start, size_t length)
{
    mm_lock();
    const struct region *region = region_at_or_above(space, start);
    while (region != NULL && region->start < start + length && !region->wired)
        region = region->next;
    bool wired = region != NULL && region->start < start + length;
    mm_unlock();
    return wired;
}
