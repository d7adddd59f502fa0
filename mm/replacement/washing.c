/* mm/replacement/washing.c - modified pages written ahead of need.
 *
 * The textbook's list of modified pages: while processor and paging device have nothing
 * else to do, a modified page is written and stays where it is, clean from then on. When
 * it must go later, it can go at once. */
#include "mm/replacement/laundry.h"

#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/evict.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/washing.h"

#define LOOK_AT_MOST 64 /* frames looked at before interrupts get their turn */

/* Not used since it was last looked at, and modified; in a group without a limit: the pages
 * of others go in an order that a program may be counting. */
static bool worth_washing(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (f->state != FRAME_RESIDENT || !f->admitted || f->pins > 0 ||
        group_limited(f->group))
        return false;
    for (mapper_t at = f->mappers; mapper_is(at); at = mapper_link(at)->next) {
        if (pte_is_referenced(*mapper_entry(at)))
            return false;
    }
    return harvest_modified(frame);
}

/* From here on a write to the page shows in D again. */
static void wash(frame_t frame) REQUIRES(mm)
{
    if (!laundry_begin(frame, true))
        return;
    struct flush flush;
    flush_begin_loaded(&flush);
    mapper_t at = frame_get(frame)->mappers;
    for (; mapper_is(at); at = mapper_link(at)->next) {
        pte_clear_bits(mapper_entry(at), PTE_DIRTY);
        mapper_flush(at, &flush);
    }
    flush_end(&flush);
    frame_get(frame)->dirty = false;
    laundry_send();
}

static bool idle_locked(void) REQUIRES(mm)
{
    static frame_t hand;
    static uint64_t evicted; /* as it was at the last look */
    static uint32_t looked;  /* frames, in vain, since a page was found, or evicted */
    laundry_reap();
    bool pressed = frame_counts.free < frame_counts.total / 8 &&
                   swap_counts.used + swap_counts.retired < swap_counts.total;
    if (evicted != evict_counts.evicted) {
        evicted = evict_counts.evicted;
        looked = 0;
    }
    if (!pressed || laundry_count > 0 || looked >= nframes)
        return false;
    for (unsigned i = 0; i < LOOK_AT_MOST; i++) {
        hand.number = hand.number + 1 < nframes ? hand.number + 1 : 0;
        if (worth_washing(hand)) {
            looked = 0;
            wash(hand);
            return true;
        }
    }
    looked += LOOK_AT_MOST;
    return true;
}

bool washing_idle(void)
{
    if (swap_counts.total == 0)
        return false;
    mm_lock();
    bool done = idle_locked();
    mm_unlock();
    return done;
}
