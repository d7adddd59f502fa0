/* mm/evict.c - page replacement, the mechanism: how a chosen page goes.
 *
 * The order is everything, and always this one (X86-CHECKLIST 3, 6, 7):
 *
 *     1. the frame is BUSY: whoever faults on its page from now on waits
 *     2. every entry that points here is exchanged for the page's name (or for zero, when
 *        its region finds it again), and the D bits that come back are kept
 *     3. flush: from here on no processor can write to the frame
 *     4. if the contents differ from their backing, write them to a slot
 *     5. the frame is FREE, but keeps its page until it is used again: a fault before that
 *        rescues it, without reading anything
 *
 * Nothing here allocates memory: the writes' requests are a fixed array. */
#include "mm/evict.h"

#include "mm/above.h"
#include "mm/flush.h"
#include "mm/harvest.h"
#include "mm/lock.h"
#include "mm/mapper.h"
#include "mm/policy.h"
#include "mm/space.h"
#include "mm/swap.h"
#include "mm/trace.h"

#define WRITES_MAX 32

/* A page on its way to its slot. */
static struct write {
    struct block_request request;
    page_t page; /* PAGE_NONE: not in use */
    bool retried;
} writes[WRITES_MAX];

uint32_t evict_writing;
static uint32_t writes_ended; /* of those, complete and not reaped */
struct evict_counts evict_counts;

void evict_start(void)
{
    for (unsigned i = 0; i < WRITES_MAX; i++)
        writes[i].page = PAGE_NONE;
}

/* --- Step 2: out of every space ------------------------------------------------------- */

/* Entries become the page's name, or zero when that is enough to find it again. */
static void evict_unmap(frame_t frame, pte_t value)
{
    struct page *page = page_get(frame_get(frame)->page);
    struct flush flush;
    flush_begin_loaded(&flush);
    while (mapper_is(frame_get(frame)->mappers)) {
        mapper_t mapper = frame_get(frame)->mappers;
        mapper_withdraw(mapper_entry(mapper), value);
        flush_add(&flush, mapper_address(mapper));
        page->holders -= pte_is_zero(value);
    }
    flush_end(&flush);
}

/* Private memory never written since it was zeroes: if all who know it are mappers, they
 * can forget it. */
static bool evict_is_zeroes(frame_t frame)
{
    const struct page *page = page_get(frame_get(frame)->page);
    uint32_t mappers = 0;
    for (mapper_t at = frame_get(frame)->mappers; mapper_is(at); at = mapper_link(at)->next)
        mappers++;
    return page->object == NULL && !slot_is(page->slot) && page->holders == mappers;
}

/* --- Step 5: free, or back ------------------------------------------------------------- */

static void evict_free(frame_t frame)
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
static void evict_readmit(frame_t frame)
{
    struct frame *f = frame_get(frame);
    struct charge charge = {.group = f->group, .counted = true};
    f->state = FRAME_RESIDENT;
    group_uncharge(frame);
    group_admit(&charge, frame);
    above_wake(f);
}

/* --- Step 4: writing ------------------------------------------------------------------- */

static void write_done(struct block_request *request)
{
    request->complete = true;
    writes_ended++;
    above_wake(frame_get(request->frame));
    above_wake(&evict_writing);
    if (frame_waiters)
        above_wake(&frame_counts);
}

static void write_submit(struct write *write)
{
    struct page *page = page_get(write->page);
    swap_submit(&write->request, page->frame, page->slot, true, write_done);
}

/* The device refused: that slot is never used again; another may do. */
static bool write_retry(struct write *write)
{
    struct page *page = page_get(write->page);
    swap_counts.write_errors++;
    above_message("swap: writing slot %u failed; it is used no more", page->slot.number);
    slot_retire(page->slot);
    page->slot = page->holders > 0 ? slot_take() : SLOT_NONE;
    if (!slot_is(page->slot))
        return false;
    write_submit(write);
    return true;
}

static void write_finish(struct write *write)
{
    page_t id = write->page;
    frame_t frame = write->request.frame;
    bool failed = write->request.error != 0;
    writes_ended--;
    if (failed && write_retry(write))
        return;
    write->page = PAGE_NONE;
    evict_writing--;
    frame_unpin(frame);
    if (!failed) {
        frame_get(frame)->dirty = false;
        swap_counts.written++;
        groups[frame_get(frame)->group].written++;
    }
    if (page_get(id)->holders == 0) {
        page_end_alone(id);
        above_wake(frame_get(frame));
    } else if (failed) {
        evict_readmit(frame);
    } else {
        evict_free(frame);
    }
}

void evict_reap(void)
{
    mm_assert_locked();
    for (unsigned i = 0; writes_ended > 0 && i < WRITES_MAX; i++) {
        while (page_is(writes[i].page) && writes[i].request.complete)
            write_finish(&writes[i]);
    }
}

void evict_wait(void)
{
    if (evict_writing > 0 && writes_ended == 0)
        above_sleep(&evict_writing);
    evict_reap();
}

void frame_wait(frame_t frame)
{
    above_sleep(frame_get(frame));
    evict_reap();
}

static struct write *write_take(void)
{
    for (unsigned i = 0; i < WRITES_MAX; i++) {
        if (!page_is(writes[i].page))
            return &writes[i];
    }
    return NULL;
}

/* Begin to write a page that is in no space any more. False: no slot is to be had. */
static bool write_begin(struct write *write, frame_t frame)
{
    struct page *page = page_get(frame_get(frame)->page);
    if (!slot_is(page->slot))
        page->slot = slot_take();
    if (!slot_is(page->slot))
        return false;
    write->page = frame_get(frame)->page;
    frame_pin(frame);
    evict_writing++;
    write_submit(write);
    return true;
}

/* --- All of it -------------------------------------------------------------------------- */

/* True: the frame is free, or its write is under way. */
static bool evict(frame_t frame, struct write *write)
{
    struct frame *f = frame_get(frame);
    bool modified = harvest_modified(frame);
    bool zeroes = !modified && evict_is_zeroes(frame);
    group_remove(frame);
    if (modified && !slot_is(page_get(f->page)->slot) && !slot_available()) {
        evict_readmit(frame);
        return false;
    }
    f->state = FRAME_BUSY;
    evict_unmap(frame,
                page_get(f->page)->object != NULL || zeroes ? PTE_ZERO : pte_name(f->page));
    const struct page *page = page_get(f->page);
    if (page->object == NULL && page->holders > 0 && !slot_is(page->slot))
        f->dirty = true; /* zeroes, but known by name: they need a slot */
    if (!f->dirty) {
        evict_free(frame);
        return true;
    }
    if (write_begin(write, frame))
        return true;
    evict_readmit(frame);
    return false;
}

static enum reclaim reclaim_round(struct group *group)
{
    for (uint32_t tried = group->charged; tried > 0; tried--) {
        struct write *write = write_take();
        if (write == NULL)
            return RECLAIM_WAIT;
        frame_t victim = group->policy->victim(group);
        if (!frame_is(victim))
            break;
        group->scanned++;
        evict_counts.scanned++;
        uintptr_t address = group->watched ? page_address(frame_get(victim)->page) : 0;
        if (evict(victim, write)) {
            if (group->watched)
                above_evicted(group_index(group), address);
            evict_reap();
            return frame_get(victim)->state == FRAME_FREE ? RECLAIM_FREED : RECLAIM_STARTED;
        }
    }
    return evict_writing > 0 ? RECLAIM_WAIT : RECLAIM_NOTHING;
}

enum reclaim reclaim(struct group *group)
{
    mm_assert_locked();
    evict_reap();
    harvest_begin();
    enum reclaim result = reclaim_round(group);
    harvest_end();
    return result;
}
