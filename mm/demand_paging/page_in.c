/* mm/demand_paging/page_in.c - a page that lost its frame gets one again.
 *
 * Where it is now decides what that costs: on its way out or in (BUSY), it is waited for;
 * on the free list, its frame not used again yet, it is *rescued*, a minor fault; else its
 * slot is read, a major one, and it keeps the slot: as long as nobody writes to it, it can
 * go again without being written. */
#include "mm/demand_paging/page_in.h"
#include "mm/above.h"
#include "mm/demand_paging/fault.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

/* It comes back to its group: how long was it away? */
static void page_returned(page_t page, struct charge *charge) REQUIRES(mm)
{
    group_admit(charge, page_get(page)->frame);
    groups[charge->group].refaulted++;
    evict_counts.refaulted++;
    if (slot_is(page_get(page)->slot))
        swap_kept();
}

/* The page's frame is free, and still holds it: it is the page's again, at the price of a minor
 * fault, whose kind is rescue. The group is charged, as for any frame (group_demand), and counts
 * the rescue; the page is back (page_returned). BRING_NO_MEMORY: the group is at its limit, and
 * nothing has changed. */
static enum bring page_rescue(page_t page, struct charge *charge,
                              struct fault_report *report) REQUIRES(mm)
{
    if (!group_demand(charge))
        return BRING_NO_MEMORY;
    frame_rescue(page_get(page)->frame);
    trace_page(TRACE_RESCUE, page, page_get(page)->frame, charge->group);
    page_returned(page, charge);
    groups[charge->group].rescued++;
    report->kind = FAULT_RESCUE;
    return BRING_RESIDENT;
}

/* The device has served it: whoever sleeps on the frame looks again. */
static void page_read_done(struct block_request *request) REQUIRES(mm)
{
    request->complete = true;
    above_wake(frame_get(request->frame));
}

/* Read the slot into the page's frame, which is BUSY and pinned meanwhile; the request is the
 * caller's until it is complete. `slept`: it took time. Counted in swap_counts. 0 or -EIO. */
static int page_read(page_t id, bool *slept) REQUIRES(mm)
{
    struct page *page = page_get(id);
    frame_t frame = page->frame;
    struct block_request request;
    swap_request(&request, frame, page->slot, false, page_read_done);
    block_submit(&request);
    *slept = !request.complete;
    while (!request.complete)
        above_sleep(frame_get(frame));
    swap_counts.read++;
    return request.error;
}

void page_in_lost(page_t id)
{
    struct page *page = page_get(id);
    frame_t frame = page->frame;
    group_read_ends(frame);
    swap_counts.read_errors++;
    above_message("swap: reading slot %u failed; whoever touches its page is lost",
                  page->slot.number);
    frame_unpin(frame);
    above_wake(frame_get(frame));
    if (page->holders == 0) {
        page_end_alone(id);
        return;
    }
    group_remove(frame);
    group_uncharge(frame);
    frame_get(frame)->page = PAGE_NONE;
    page->frame = FRAME_NONE;
    frame_free(frame);
}

bool page_in_begin(page_t id, struct charge *charge)
{
    frame_t frame =
        group_demand(charge) ? frame_take(FRAME_FOR_USER, FRAME_BUSY) : FRAME_NONE;
    if (!frame_is(frame))
        return false;
    page_get(id)->frame = frame;
    frame_get(frame)->page = id;
    trace_page(TRACE_PAGE_IN, id, frame, charge->group);
    page_returned(id, charge);
    group_read_begins(frame);
    frame_pin(frame);
    return true;
}

void page_in_end(page_t id)
{
    frame_t frame = page_get(id)->frame;
    frame_get(frame)->state = FRAME_RESIDENT;
    trace_page(TRACE_STATE, id, frame, FRAME_RESIDENT);
    above_wake(frame_get(frame));
    group_read_ends(frame);
    page_unpin(id);
}

/* It is in its slot only: a frame for it, and the slot read into that; a major fault
 * (FAULT_PAGE_IN), counted for the group, tried once. */
static enum bring page_in_slot(page_t id, struct charge *charge,
                               struct fault_report *report) REQUIRES(mm)
{
    if (!page_in_begin(id, charge))
        return BRING_NO_MEMORY;
    groups[charge->group].page_ins++;
    report->kind = FAULT_PAGE_IN;
    report->major = true;
    bool slept;
    if (page_read(id, &slept) != 0) {
        page_in_lost(id);
        return BRING_ERROR;
    }
    page_in_end(id);
    return slept ? BRING_AGAIN : BRING_RESIDENT;
}

enum bring page_in(page_t page, struct charge *charge, struct fault_report *report)
{
    mm_assert_locked();
    frame_t frame = page_get(page)->frame;
    enum bring brought;
    if (!frame_is(frame))
        return page_in_slot(page, charge, report);
    switch (frame_get(frame)->state) {
    case FRAME_RESIDENT:
        return BRING_RESIDENT;
    case FRAME_FREE:
        brought = page_rescue(page, charge, report);
        if (brought == BRING_RESIDENT && page_get(page)->object != NULL)
            group_file_came(&groups[charge->group]);
        return brought;
    default:
        ASSERT(frame_get(frame)->state == FRAME_BUSY);
        page_in_wait(frame);
        return BRING_AGAIN;
    }
}

enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report)
{
    if (!(access & ACCESS_WRITE) && !group_counts(charge->group)) {
        *frame = zero_frame;
        report->kind = FAULT_ZERO_PAGE;
        return BRING_RESIDENT;
    }
    report->kind = FAULT_ZERO_FILL;
    return page_create(charge, true, page, frame) ? BRING_RESIDENT : BRING_NO_MEMORY;
}

void page_in_wait(frame_t frame)
{
    laundry_send(); /* it may be among the writes that are held back */
    laundry_reap();
    if (frame_get(frame)->state == FRAME_BUSY)
        above_sleep(frame_get(frame));
    laundry_reap();
}
