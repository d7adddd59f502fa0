/* mm/replacement/laundry.c - modified pages are written to their slots.
 *
 * A page that differs from its backing must be written before its frame is used for
 * another; of all that eviction does, this takes the time. Two things soften it. Pages that
 * go at the same time get slots beside each other, and are written in one *cluster*: the
 * device is asked once. And while all is idle, modified pages are written ahead of need
 * (washing.c).
 *
 * The requests are a fixed array: the path that frees memory allocates none. */
#include "mm/replacement/laundry.h"

#include "mm/above.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/swap.h"
#include "mm/trace.h"

#define WRITES_MAX 32

/* A page on its way to its slot. */
static struct write {
    struct block_request request;
    page_t page; /* PAGE_NONE: not in use */
    bool keeps;  /* it stays resident: written ahead of need */
} writes[WRITES_MAX] GUARDED_BY(mm);

uint32_t laundry_count;
static uint32_t writes_ended GUARDED_BY(mm); /* of those, complete and not reaped */

static struct cluster held_back GUARDED_BY(mm); /* not handed to the device yet */

void laundry_start(void)
{
    for (unsigned i = 0; i < WRITES_MAX; i++)
        writes[i].page = PAGE_NONE;
}

/* --- Beginning ----------------------------------------------------------------------- */

static struct write *write_free(void) REQUIRES(mm)
{
    for (unsigned i = 0; i < WRITES_MAX; i++) {
        if (!page_is(writes[i].page))
            return &writes[i];
    }
    return NULL;
}

bool laundry_full(void)
{
    return write_free() == NULL;
}

void laundry_send(void)
{
    cluster_send(&held_back);
}

static void write_done(struct block_request *request) REQUIRES(mm)
{
    request->complete = true;
    writes_ended++;
    above_wake(frame_get(request->frame));
    above_wake(&laundry_count);
    if (frame_waiters)
        above_wake(&frame_counts);
}

/* The frame is pinned until the write has ended: it stays this page's frame. */
bool laundry_begin(frame_t frame, bool keeps)
{
    struct write *write = write_free();
    struct page *page = page_get(frame_get(frame)->page);
    if (!slot_is(page->slot))
        page->slot = swap_take();
    if (!slot_is(page->slot))
        return false;
    trace_page(TRACE_SLOT, frame_get(frame)->page, frame, page->slot.number);
    write->page = frame_get(frame)->page;
    write->keeps = keeps;
    frame_pin(frame);
    laundry_count++;
    swap_request(&write->request, frame, page->slot, true, write_done);
    cluster_add(&held_back, &write->request);
    return true;
}

bool laundry_write(frame_t frame)
{
    return laundry_begin(frame, false);
}

/* --- Ending -------------------------------------------------------------------------- */

/* The device refused: that slot is never used again; another may do. */
static bool write_retry(struct write *write) REQUIRES(mm)
{
    struct page *page = page_get(write->page);
    swap_counts.write_errors++;
    above_message("swap: writing slot %u failed; it is used no more", page->slot.number);
    swap_retire(page->slot);
    page->slot = page->holders > 0 ? swap_take() : SLOT_NONE;
    trace_page(TRACE_SLOT, write->page, page->frame, page->slot.number);
    if (!slot_is(page->slot))
        return false;
    swap_request(&write->request, page->frame, page->slot, true, write_done);
    block_submit(&write->request);
    return true;
}

static void write_finish(struct write *write) REQUIRES(mm)
{
    page_t page = write->page;
    frame_t frame = write->request.frame;
    bool written = write->request.error == 0;
    writes_ended--;
    if (!written && write_retry(write))
        return;
    write->page = PAGE_NONE;
    trace_page(TRACE_WRITTEN, page, frame, !written);
    laundry_count--;
    if (written) {
        swap_counts.written++;
        groups[frame_get(frame)->group].written++;
    }
    if (write->keeps) {
        frame_get(frame)->dirty |= !written;
        page_unpin(page);
    } else {
        frame_get(frame)->dirty = !written;
        frame_unpin(frame);
        evict_written(frame, written);
    }
}

void laundry_reap(void)
{
    mm_assert_locked();
    for (unsigned i = 0; writes_ended > 0 && i < WRITES_MAX; i++) {
        while (page_is(writes[i].page) && writes[i].request.complete)
            write_finish(&writes[i]);
    }
}

void laundry_wait(void)
{
    laundry_send();
    if (laundry_count > 0 && writes_ended == 0)
        above_sleep(&laundry_count);
    laundry_reap();
}
