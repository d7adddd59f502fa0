/* mm/address_spaces/space_resident.c - how much of a space is resident. */
#include "mm/address_spaces/space_resident.h"

#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"

uint64_t space_resident(const struct space *space)
{
    uint64_t count = 0;
    uintptr_t counted = 0; /* each table once: the end of the last */
    /* Region by region: the addresses between them have no tables to look for. */
    for (const struct region *region = space->first; region; region = region->next) {
        struct position at;
        position_begin(&at, &space->table,
                       region->start > counted ? region->start : counted, region->end);
        while (position_enter(&at)) {
            count += position_present(&at);
            counted = position_table_end(&at);
            position_pass_table(&at);
        }
    }
    return count;
}

/* Pages that come are counted one by one, those that the program gives up by the table; those
 * that are evicted take their leave from spaces that nobody has looked up, so after these all
 * are counted again. */
uint64_t space_resident_most_locked(struct space *space)
{
    uint32_t evicted = (uint32_t)evict_counts.evicted;
    if (space->table.resident_bound <= space->resident_most)
        return space->resident_most;
    if (space->resident_evicted != evicted)
        space->table.resident_bound = (uint32_t)space_resident(space);
    space->resident_evicted = evicted;
    if (space->table.resident_bound > space->resident_most)
        space->resident_most = space->table.resident_bound;
    return space->resident_most;
}

uint64_t space_resident_most(struct space *space)
{
    mm_lock();
    uint64_t most = space_resident_most_locked(space);
    mm_unlock();
    return most;
}

void space_peak_reset(struct space *space)
{
    mm_lock();
    space->resident_most = space->table.resident_bound = (uint32_t)space_resident(space);
    mm_unlock();
}

static bool entry_is_swapped(pte_t entry) REQUIRES(mm)
{
    return !pte_is_present(entry) && !pte_is_zero(entry) &&
           !page_is_resident(pte_page(entry)) && slot_is(page_get(pte_page(entry))->slot);
}

uint64_t space_swapped(const struct space *space)
{
    uint64_t count = 0;
    struct position at;
    position_begin(&at, &space->table, 0, USER_END);
    for (; position_find(&at); position_step(&at))
        count += entry_is_swapped(position_read(&at));
    return count;
}
