/* mm/address_spaces/space_written.c - which pages have been written since somebody asked?
 *
 * A tool that copies a running program to somewhere else copies all of it once, and then again
 * and again only what was written meanwhile. D cannot tell: it says that a page differs from
 * its backing, and is the eviction's. So the right to write is taken from all entries, each is
 * marked as unwritten, and its region as tracked. Then a write faults, once a page, and the
 * entry that it gets says nothing of "unwritten"; names keep the mark while a page is away, a
 * child has its parent's, and in a tracked region nothing but a fault gives the right to write
 * back.
 *
 * Whatever is not tracked counts as written: a region that is new, or memory that was moved. Of an
 * object's page the mark goes with the entry, when the page does: it is the next reader's anew, as
 * on Linux, whose "soft-dirty" all this is. */
#include "mm/address_spaces/space_written.h"
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/region.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

static void entry_mark(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    if (pte_is_present(position_read(at))) {
        position_clear_bits(at, PTE_WRITABLE);
        flush_add(flush, position_address(at));
    }
    position_set_bits(at, PTE_UNWRITTEN);
    trace_range(TRACE_ENTRY, at->tree->id, position_address(at), position_read(at).bits);
}

void space_track_writes(struct space *space)
{
    change_begin(space);
    struct flush flush;
    flush_begin(&flush, &space->table);
    for (struct region *region = space->first; region != NULL; region = region->next) {
        region->tracked = true;
        struct position at;
        position_begin(&at, &space->table, region->start, region->end);
        while (position_enter(&at)) {
            for (; position_find_here(&at); position_step(&at))
                entry_mark(&at, &flush);
            change_pause(space, &flush, at.work);
        }
    }
    flush_end(&flush);
    change_end(space);
}

/* What the A bits say goes where the policy finds it: nobody's knowledge is lost. */
static void stretch_clear_referenced(struct position *at, bool objects, bool others)
    REQUIRES(mm)
{
    harvest_begin();
    for (; position_find_here(at); position_step(at)) {
        pte_t entry = position_read(at);
        if (!pte_is_present(entry) || pte_is_zero_page(entry))
            continue;
        if (page_get(frame_get(pte_frame(entry))->page)->object != NULL ? objects : others)
            harvest(pte_frame(entry));
    }
    harvest_end();
}

void space_clear_referenced(struct space *space, bool objects, bool others)
{
    struct position at;
    mm_lock();
    position_begin(&at, &space->table, 0, USER_END);
    while (position_enter(&at)) {
        stretch_clear_referenced(&at, objects, others);
        change_rest();
    }
    mm_unlock();
}
