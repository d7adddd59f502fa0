/* mm/address_spaces/space_written.c - which pages have been written since somebody asked?
 *
 * Who copies a running program to somewhere else copies all of it once, and then again and
 * again only what was written meanwhile. D cannot tell: it says that a page differs from its
 * backing, and is the eviction's. So the right to write is taken from all entries, each is
 * marked as unwritten, and its region as tracked. Then a write faults, once a page, and the entry
 * that it gets says nothing of "unwritten"; names keep the mark while a page is away, a child has
 * its parent's, and in a tracked region nothing but a fault gives the right to write back.
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

static void run_mark(const struct space *space, const struct table_run *run,
                     struct flush *flush)
{
    for (unsigned i = 0; i < run->count; i++) {
        pte_t *entry = &run->entries[i];
        if (pte_is_zero(*entry))
            continue;
        if (pte_is_present(*entry)) {
            pte_clear_bits(entry, PTE_WRITABLE);
            flush_add(flush, run->address + i * PAGE_SIZE);
        }
        pte_set_bits(entry, PTE_UNWRITTEN);
        trace_range(TRACE_ENTRY, space->id, run->address + i * PAGE_SIZE, entry->bits);
    }
}

void space_track_writes(struct space *space)
{
    change_begin(space);
    struct flush flush;
    flush_begin(&flush, &space->table);
    for (struct region *region = space->first; region != NULL; region = region->next) {
        region->tracked = true;
        struct table_run run;
        for (uintptr_t at = region->start;
             table_run_next(&space->table, &at, region->end, &run);) {
            run_mark(space, &run, &flush);
            change_pause(space, &flush, run.count);
        }
    }
    flush_end(&flush);
    change_end(space);
}

/* What the A bits say goes where the policy finds it: nobody's knowledge is lost. */
static void run_clear_referenced(const struct table_run *run, bool objects, bool others)
    REQUIRES(mm)
{
    harvest_begin();
    for (unsigned i = 0; i < run->count; i++) {
        pte_t entry = run->entries[i];
        if (!pte_is_present(entry) || pte_is_zero_page(entry))
            continue;
        if (page_get(frame_get(pte_frame(entry))->page)->object != NULL ? objects : others)
            harvest(pte_frame(entry));
    }
    harvest_end();
}

void space_clear_referenced(struct space *space, bool objects, bool others)
{
    struct table_run run;
    mm_lock();
    for (uintptr_t at = 0; table_run_next(&space->table, &at, USER_END, &run);) {
        run_clear_referenced(&run, objects, others);
        change_rest();
    }
    mm_unlock();
}
