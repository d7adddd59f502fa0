/* mm/more/view.c - looking at a space from outside, for /proc and for choosing a victim. */
#include "mm/evict.h"
#include "mm/mapper.h"
#include "mm/region.h"
#include "mm/space.h"
#include "mm/table.h"

uint64_t space_resident(const struct space *space)
{
    uint64_t count = 0;
    uintptr_t at = 0;
    /* Region by region: the addresses between them have no tables to look for. */
    for (const struct region *region = space->first; region; region = region->next) {
        struct table_run run;
        if (at < region->start)
            at = region->start;
        while (table_run_next(space, &at, region->end, &run)) {
            count += frame_get(frame_of_data(run.entries))->present;
            at = (run.address | (TABLE_SPAN - 1)) + 1; /* each table once */
        }
    }
    return count;
}

/* Pages that come are counted one by one, those that the program gives up by the table; those
 * that are evicted take their leave from spaces that nobody has looked up, so after these all
 * are counted again. */
uint64_t space_resident_most(struct space *space)
{
    uint32_t evicted = (uint32_t)evict_counts.evicted;
    if (space->resident_bound <= space->resident_most)
        return space->resident_most;
    if (space->resident_evicted != evicted)
        space->resident_bound = (uint32_t)space_resident(space);
    space->resident_evicted = evicted;
    if (space->resident_bound > space->resident_most)
        space->resident_most = space->resident_bound;
    return space->resident_most;
}

void space_peak_reset(struct space *space)
{
    space->resident_most = space->resident_bound = (uint32_t)space_resident(space);
}

static bool entry_is_object(pte_t entry)
{
    return pte_is_present(entry) && !pte_is_zero_page(entry) &&
           page_get(frame_get(pte_frame(entry))->page)->object != NULL;
}

static bool entry_is_swapped(pte_t entry)
{
    return !pte_is_present(entry) && !pte_is_zero(entry) &&
           !page_is_resident(pte_page(entry)) && slot_is(page_get(pte_page(entry))->slot);
}

static uint64_t space_count(const struct space *space, bool (*counts)(pte_t entry))
{
    uint64_t count = 0;
    struct table_run run;
    for (uintptr_t at = 0; table_run_next(space, &at, USER_END, &run);) {
        for (unsigned i = 0; i < run.count; i++)
            count += counts(run.entries[i]);
    }
    return count;
}

uint64_t space_resident_objects(const struct space *space)
{
    return space_count(space, entry_is_object);
}

uint64_t space_swapped(const struct space *space)
{
    return space_count(space, entry_is_swapped);
}

static void view_fill(struct page_view *view, uintptr_t address, pte_t entry)
{
    *view = (struct page_view){address, entry, PAGE_NONE, FRAME_NONE, 0};
    if (!pte_is_present(entry))
        view->page = pte_page(entry);
    else if (!pte_is_zero_page(entry))
        view->page = frame_get(pte_frame(entry))->page;
    if (page_is(view->page)) {
        if (page_is_resident(view->page))
            view->frame = page_get(view->page)->frame;
        view->holders = page_get(view->page)->holders;
    } else {
        view->frame = zero_frame;
    }
}

bool space_view_next(struct space *space, uintptr_t address, struct page_view *view)
{
    struct table_run run;
    for (uintptr_t at = PAGE_ROUND_DOWN(address);
         table_run_next(space, &at, USER_END, &run);) {
        for (unsigned i = 0; i < run.count; i++) {
            if (!pte_is_zero(run.entries[i])) {
                view_fill(view, run.address + i * PAGE_SIZE, run.entries[i]);
                return true;
            }
        }
    }
    return false;
}
