/* mm/working_sets/swapping.c - a whole space out, and its working set back.  See
 * mm/working_sets/swapping.h.
 *
 * What makes it cheap is the order of the slots. Pages that the policy evicted one by one lie
 * scattered over the swap area; here each that does not continue the one before it gives up
 * its slot and is written to a new one, so that from the second time on all lie together. */
#include "mm/working_sets/swapping.h"

#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"
#include "mm/working_sets/working_set.h"

struct swapping_counts swapping_counts;

/* The caller's hold is the last one: there is nobody to do it for. */
static bool space_ends(const struct space *space)
{
    return space->references == 1 || space->ending;
}

/* --- Out -------------------------------------------------------------------------------- */

/* A page that nobody else has, and that may go now. */
static bool may_go(pte_t entry) REQUIRES(mm)
{
    if (!pte_is_present(entry) || pte_is_zero_page(entry))
        return false;
    const struct frame *frame = frame_get(pte_frame(entry));
    const struct page *page = page_get(frame->page);
    return frame->state == FRAME_RESIDENT && frame->admitted && frame->pins == 0 &&
           frame->wired == 0 && page->object == NULL && page->holders == 1;
}

/* Let the page be written where the one before it was, or behind, if it has a slot elsewhere; one
 * that has none before it stays where it is. Returns where the next should be. */
static uint32_t slot_order(frame_t frame, uint32_t expected) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    struct page *page = page_get(f->page);
    bool scarce = swap_counts.used >= swap_counts.total - swap_counts.total / 8;
    bool follows = page->slot.number == expected || expected == UINT32_MAX;
    if (!slot_is(page->slot) || follows || scarce)
        return slot_is(page->slot) ? page->slot.number + 1 : expected;
    swap_give(page->slot);
    page->slot = SLOT_NONE;
    f->dirty = true;
    trace_page(TRACE_SLOT, f->page, frame, UINT32_MAX);
    return expected;
}

/* The entries of one stretch, until the laundry is full. True: all were seen to. */
static bool stretch_out(struct position *at, uint32_t *expected) REQUIRES(mm)
{
    bool more;
    harvest_begin();
    for (; (more = position_find_here(at)) && !laundry_full(); position_step(at)) {
        pte_t entry = position_read(at);
        if (!may_go(entry))
            continue;
        frame_t frame = pte_frame(entry);
        page_t page = frame_get(frame)->page;
        *expected = slot_order(frame, *expected);
        if (!evict(frame))
            break;
        swapping_counts.out++;
        if (slot_is(page_get(page)->slot))
            *expected = page_get(page)->slot.number + 1;
    }
    harvest_end();
    return !more;
}

void swapping_out(struct space *space)
{
    uint32_t expected = UINT32_MAX;
    struct position at;
    position_begin(&at, &space->table, 0, USER_END);
    mm_lock();
    laundry_reap();
    while (!space_ends(space) && position_enter(&at)) {
        if (stretch_out(&at, &expected))
            continue;
        if (!laundry_full())
            break; /* no slot is left */
        position_again(&at);
        laundry_wait();
    }
    laundry_send();
    for (unsigned writes = laundry_count; writes > 0 && laundry_count > 0; writes--)
        laundry_wait();
    mm_unlock();
}

/* --- Back ------------------------------------------------------------------------------- */

#define READS_MAX 64

static struct read {
    struct block_request request;
    page_t page;
    uintptr_t address;
} reads[READS_MAX] GUARDED_BY(mm);
static unsigned read_count GUARDED_BY(mm), reads_complete GUARDED_BY(mm);
static struct cluster held_back GUARDED_BY(mm); /* not handed to the device yet */

static void read_done(struct block_request *request) REQUIRES(mm)
{
    request->complete = true;
    reads_complete++;
    above_wake(&reads_complete);
}

/* The page gets a frame, and a place in a chain of neighbours. False: no frame to spare. */
static bool read_begin(struct space *space, page_t page, uintptr_t address) REQUIRES(mm)
{
    struct charge charge = {.group = space->group};
    slot_t slot = page_get(page)->slot;
    if (frame_counts.free <= frame_watermarks.high || !page_in_begin(page, &charge))
        return false;
    struct read *read = &reads[read_count++];
    *read = (struct read){.page = page, .address = address};
    swap_request(&read->request, page_get(page)->frame, slot, false, read_done);
    swapping_counts.reads += cluster_add(&held_back, &read->request);
    swapping_counts.in++;
    return true;
}

/* As a fault would find it, if it is as it was: the page is there, only the entry does not say
 * so. Its age stays: it has not been used yet. (In a group that is traced the use must trap.) */
static void map_back(struct space *space, uintptr_t address) REQUIRES(mm)
{
    struct region *region = region_find(space, address);
    struct position at;
    if (group_traced(space->group) || region == NULL || region->access == 0 ||
        region->tracked || !position_at(&at, &space->table, address))
        return;
    pte_t entry = position_read(&at);
    if (pte_is_zero(entry) || pte_is_present(entry) || !page_is_resident(pte_page(entry)))
        return;
    page_t page = pte_page(entry);
    position_install(&at, page_get(page)->frame, region_page_access(region, page));
    position_set_bits(&at, entry.bits & PTE_AGE);
    trace_range(TRACE_ENTRY, space->id, address, position_read(&at).bits);
}

/* Sleep until all that was begun is there, and map it. */
static void reads_end(struct space *space) REQUIRES(mm)
{
    swapping_counts.reads += cluster_send(&held_back);
    while (reads_complete < read_count)
        above_sleep(&reads_complete);
    for (unsigned i = 0; i < read_count; i++) {
        struct read *read = &reads[i];
        swap_counts.read++;
        if (read->request.error) {
            page_in_lost(read->page);
            continue;
        }
        page_in_end(read->page);
        map_back(space, read->address);
    }
    read_count = reads_complete = 0;
}

/* One entry of the working set. False: there is no frame for it. */
static bool in_entry(struct space *space, pte_t entry, uintptr_t address) REQUIRES(mm)
{
    if (pte_is_present(entry) || !working_set_has(entry))
        return true;
    page_t page = pte_page(entry);
    frame_t frame = page_get(page)->frame;
    if (!frame_is(frame))
        return read_begin(space, page, address);
    struct charge charge = {.group = space->group};
    struct fault_report report;
    if (frame_get(frame)->state == FRAME_BUSY ||
        page_in(page, &charge, &report) != BRING_RESIDENT)
        return true;
    swapping_counts.in++;
    map_back(space, address);
    return true;
}

void swapping_in(struct space *space)
{
    bool room = true;
    struct position at;
    position_begin(&at, &space->table, 0, USER_END);
    mm_lock();
    while (room && !space_ends(space) && position_enter(&at)) {
        for (; room && read_count < READS_MAX && position_find_here(&at);
             position_step(&at))
            room = in_entry(space, position_read(&at), position_address(&at));
        if (read_count == READS_MAX) {
            position_again(&at);
            reads_end(space);
        }
    }
    reads_end(space);
    mm_unlock();
}
