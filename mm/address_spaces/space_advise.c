/* mm/address_spaces/space_advise.c - what a program says about its memory: madvise.
 *
 * Two kinds of advice. Some changes what memory means: forget it, have fork leave it out, or
 * give the child zeroes. Some only says what will be needed or not, and could be ignored;
 * MADV_FREE is the interesting one: a clean page without a slot is one that was never
 * written since it was zeroes, so taking back D bit and slot is all it takes to have eviction
 * drop the page instead of writing it. A write before that sets D, and it is kept. */
#include "mm/address_spaces/space_advise.h"

#include "lib/errno.h"
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

/* --- Ranges ----------------------------------------------------------------------------- */

/* The part of the range that lies in the first region at or above *at; *at moves behind it.
 * NULL: none is left. *hole is set where nothing is promised. */
static struct region *range_next(struct space *space, uintptr_t *at, uintptr_t end,
                                 uintptr_t *from, uintptr_t *to, bool *hole) REQUIRES(mm)
{
    struct region *region = *at < end ? region_at_or_above(space, *at) : NULL;
    *hole |= *at < end && (region == NULL || region->start > *at);
    if (region == NULL || region->start >= end)
        return NULL;
    *from = region->start > *at ? region->start : *at;
    *to = region->end < end ? region->end : end;
    *at = *to;
    return region;
}

/* --- What fork and a core leave out ----------------------------------------------------- */

static bool advice_allowed(const struct region *region, enum region_advice advice)
{
    return advice != FORK_WIPE || (!region->shared && region->object == NULL);
}

static void region_advise(struct region *region, enum region_advice advice)
{
    if (advice == FORK_COPY || advice == FORK_LEAVE_OUT)
        region->not_forked = advice == FORK_LEAVE_OUT;
    else if (advice == DUMP || advice == DUMP_LEAVE_OUT)
        region->not_dumped = advice == DUMP_LEAVE_OUT;
    else
        region->wiped = advice == FORK_WIPE;
}

static int advise_regions_locked(struct space *space, uintptr_t start, uintptr_t end,
                                 enum region_advice advice) REQUIRES(mm)
{
    int error = region_isolate(space, start, end);
    bool hole = false;
    uintptr_t at = start, from, to;
    struct region *region;
    while (!error && (region = range_next(space, &at, end, &from, &to, &hole))) {
        if (advice_allowed(region, advice))
            region_advise(region, advice);
        else
            error = -EINVAL;
        change_pause(space, NULL, WORK_OF_REGION);
    }
    region_join_range(space, start, end);
    return error ? error : hole ? -ENOMEM : 0;
}

int space_advise_regions(struct space *space, uintptr_t start, size_t length,
                         enum region_advice advice)
{
    change_begin(space);
    int error = advise_regions_locked(space, start, start + length, advice);
    change_end(space);
    return error;
}

/* --- MADV_FREE -------------------------------------------------------------------------- */

static void free_entry(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(at);
    if (!pte_is_present(old)) {
        trace_range(TRACE_ENTRY, at->tree->id, position_address(at), 0);
        page_forget_entry(at, flush);
        return;
    }
    if (pte_is_zero_page(old))
        return;
    struct frame *frame = frame_get(pte_frame(old));
    struct page *page = page_get(frame->page);
    if (page_needs_copy(frame->page))
        return; /* others want it */
    if (frame->pins > 0 && slot_is(page->slot))
        return; /* it may be on its way to the slot, which is nobody else's until then */
    position_clear_bits(at, PTE_DIRTY);
    flush_add(flush, position_address(at));
    frame->dirty = false;
    if (slot_is(page->slot))
        swap_give(page->slot);
    page->slot = SLOT_NONE;
    trace_page(TRACE_SLOT, frame->page, page->frame, UINT32_MAX);
}

static int advise_free_locked(struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm)
{
    bool hole = false;
    int error = 0;
    uintptr_t next = start, from, to;
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct region *region;
    while (!error && (region = range_next(space, &next, end, &from, &to, &hole))) {
        struct position at;
        position_begin(&at, &space->table, from, to);
        if (region->shared || region->object != NULL || region->wired)
            error = -EINVAL;
        while (!error && position_enter(&at)) {
            for (; position_find_here(&at); position_step(&at))
                free_entry(&at, &flush);
            position_trim(&at, &flush);
            change_pause_stretch(space, &flush, &at);
        }
        if (next < end)
            change_pause(space, &flush, WORK_OF_REGION);
    }
    flush_end(&flush);
    return error ? error : hole ? -ENOMEM : 0;
}

int space_advise_free(struct space *space, uintptr_t start, size_t length)
{
    change_begin(space);
    int error = advise_free_locked(space, start, start + length);
    change_end(space);
    return error;
}

/* --- Bringing in ------------------------------------------------------------------------ */

/* It has contents somewhere, but no frame. */
static bool page_is_away(struct space *space, const struct region *region,
                         uintptr_t address) REQUIRES(mm)
{
    pte_t entry = position_look(&space->table, address);
    if (!pte_is_zero(entry))
        return !pte_is_present(entry) && !page_is_resident(pte_page(entry));
    if (region->object == NULL)
        return false;
    uint32_t index = region_index(region, address);
    return (uint64_t)index * PAGE_SIZE < region->object->size &&
           !frame_is(object_peek(region->object, index));
}

/* It may be touched, and would have to be read first. */
static bool is_worth_bringing(struct space *space, uintptr_t address) EXCLUDES(mm)
{
    mm_lock();
    const struct region *region = region_find(space, address);
    bool worth =
        region != NULL && region->access != 0 && page_is_away(space, region, address);
    mm_unlock();
    return worth;
}

/* False: there are no frames to spare, or the caller is being ended. */
static bool need_bring(struct space *space, uintptr_t address) EXCLUDES(mm)
{
    struct fault_report report;
    return !is_worth_bringing(space, address) ||
           (frame_counts.free > frame_watermarks.high &&
            fault_handle(space, address, ACCESS_READ, &report) != FAULT_KILLED);
}

static bool need_next(struct space *space, uintptr_t *at, uintptr_t end, uintptr_t *from,
                      uintptr_t *to, bool *hole) EXCLUDES(mm)
{
    mm_lock();
    bool there = range_next(space, at, end, from, to, hole) != NULL;
    mm_unlock();
    return there;
}

int space_advise_need(struct space *space, uintptr_t start, size_t length)
{
    uint32_t left = frame_counts.total; /* more pages would not have room */
    uintptr_t at = start, from, to;
    bool hole = false;
    while (need_next(space, &at, start + length, &from, &to, &hole))
        for (; from < to && left > 0 && change_rest_at(from); from += PAGE_SIZE, left--)
            if (!need_bring(space, from))
                break;
    return hole ? -ENOMEM : 0;
}

int space_advise_populate(struct space *space, uintptr_t start, size_t length, bool write)
{
    unsigned access = write ? ACCESS_WRITE : ACCESS_READ;
    for (uintptr_t at = start; at < start + length; at += PAGE_SIZE) {
        struct fault_report report;
        int granted = change_rest_at(at) ? space_granted(space, at) : -EINTR;
        if (granted < 0)
            return granted;
        if (!(granted & access))
            return -EINVAL;
        enum fault_result result = fault_handle(space, at, access, &report);
        if (result != FAULT_DONE)
            return result == FAULT_KILLED ? -EINTR : -EFAULT;
    }
    return 0;
}
