/* mm/demand_paging/page.c - ids for logical pages: given out, counted, given back.
 *
 * A page lives as long as somebody holds it: a pte that names it, or an object. Sharing a
 * page (fork, a mapped file) is one holder more; that is all that copy-on-write needs to
 * know to decide whether a writer must have a copy of its own. */
#include "mm/demand_paging/page.h"
#include "mm/hooks.h"

#include "mm/above.h"
#include "mm/demand_paging/object.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

struct page *pages;
uint32_t npages;
uint32_t page_count;

/* Ids given back, chained through hash_next; and ids never used yet, from here on up. */
static page_t page_unused GUARDED_BY(mm) = {UINT32_MAX};
static uint32_t page_fresh GUARDED_BY(mm);

/* An unused id, for contents in `frame`: the two point at each other, nobody holds the page yet.
 * Cannot fail: there are as many ids as places for contents. */
static page_t page_take(frame_t frame) REQUIRES(mm)
{
    page_t id = page_unused;
    if (page_is(id)) {
        page_unused = page_get(id)->hash_next;
    } else {
        ASSERT(page_fresh < npages);
        id.id = page_fresh++;
    }
    page_count++;
    struct page *page = page_get(id);
    page->holders = 0;
    page->frame = frame;
    page->slot = SLOT_NONE;
    page->object = NULL;
    page->evicted_at = page->ghost = 0;
    page->account = account_current;
    account_charge(account_current, ACCOUNT_PAGES, 1);
    frame_get(frame)->page = id;
    return id;
}

bool page_create(struct charge *charge, bool zeroed, page_t *page, frame_t *frame)
{
    if (!group_demand(charge))
        return false;
    *frame = zeroed ? frame_take_zeroed(FRAME_FOR_USER, FRAME_RESIDENT)
                    : frame_take(FRAME_FOR_USER, FRAME_RESIDENT);
    if (!frame_is(*frame))
        return false;
    *page = page_take(*frame);
    group_admit(charge, *frame);
    trace_page(TRACE_NEW, *page, *frame, charge->group);
    return true;
}

/* The frame of a page that ends. */
static void page_end_frame(frame_t frame, struct flush *flush) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (f->state == FRAME_FREE) {
        frame_forget(frame);
        return;
    }
    if (f->admitted)
        group_drop(frame);
    else if (f->wired == 0)
        group_uncharge(frame);
    else
        group_uncharge_wired(frame);
    f->page = PAGE_NONE;
    flush_free(flush, frame);
}

void page_end(page_t id, struct flush *flush)
{
    struct page *page = page_get(id);
    ASSERT(page->holders == 0 && page->object == NULL);
    trace(TRACE_FREE, 0, 0, id, page->frame, page->slot.number);
    if (frame_is(page->frame))
        page_end_frame(page->frame, flush);
    if (slot_is(page->slot))
        swap_give(page->slot);
    page->frame = FRAME_NONE;
    page->slot = SLOT_NONE;
    page->hash_next = page_unused;
    page_unused = id;
    page_count--;
    account_uncharge(page->account, ACCOUNT_PAGES, 1);
}

void page_end_alone(page_t id)
{
    struct flush flush = {.root = FRAME_NONE, .count = 0, .to_free = FRAME_NONE};
    page_end(id, &flush);
    flush_end(&flush);
}

void page_drop(page_t id, struct flush *flush)
{
    struct page *page = page_get(id);
    ASSERT(page->holders > 0);
    if (--page->holders == 0 &&
        !(frame_is(page->frame) && frame_get(page->frame)->pins > 0))
        page_end(id, flush);
}

void page_unpin(page_t id)
{
    struct page *page = page_get(id);
    frame_unpin(page->frame);
    if (frame_get(page->frame)->pins > 0)
        return;
    if (page->holders == 0)
        page_end_alone(id);
    else if (slot_is(page->slot))
        swap_kept();
    if (frame_waiters)
        above_wake(&frame_counts); /* whoever found nothing that could go looks again */
}

void page_lose_frame(page_t id)
{
    struct page *page = page_get(id);
    page->frame = FRAME_NONE;
    if (slot_is(page->slot))
        return;
    object_remove(page->object, id); /* the device has it, or it is zeroes */
    page->holders--;
    struct flush none = {.to_free = FRAME_NONE};
    page_end(id, &none); /* nothing maps it, and its frame is in other hands */
}

/* --- Entries say nothing any more -------------------------------------------------------- */

void page_forget_entry(const struct position *at, struct flush *flush)
{
    pte_t old = position_read(at);
    if (pte_is_zero(old))
        return;
    if (!pte_is_present(old)) {
        position_replace(at, PTE_ZERO);
        page_drop(pte_page(old), flush);
        return;
    }
    flush_add(flush, position_address(at));
    if (pte_is_zero_page(old)) {
        position_replace(at, PTE_ZERO);
    } else {
        position_withdraw(at, PTE_ZERO);
        page_drop(frame_get(pte_frame(old))->page, flush);
    }
}

void page_leave_entry(const struct position *at)
{
    struct flush flush;
    flush_begin(&flush, at->tree);
    page_forget_entry(at, &flush);
    ASSERT(!frame_is(flush.to_free));
    flush_end(&flush);
}

void page_unmap_all(frame_t frame, struct flush *flush)
{
    page_t page = frame_get(frame)->page;
    trace_page(TRACE_WITHDRAW, page, frame, 0);
    while (mapper_is(frame_get(frame)->mappers)) {
        mapper_t mapper = frame_get(frame)->mappers;
        mapper_withdraw(mapper_entry(mapper), frame_get(mapper_table(mapper)), PTE_ZERO);
        mapper_flush(mapper, flush);
        page_drop(page, flush);
    }
}
