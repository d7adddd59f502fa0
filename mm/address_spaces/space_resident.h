/* mm/address_spaces/space_resident.h - how much of a space is resident. */
#ifndef MM_SPACE_RESIDENT_H
#define MM_SPACE_RESIDENT_H

#include "mm/address_spaces/space.h"

/* Present entries that name pages, in pages; counts shared ones fully (Linux's RSS). */
uint64_t space_resident(const struct space *space) REQUIRES(mm);
/* The most that ever were. Cheap unless pages were evicted since it was last asked. */
uint64_t space_resident_most(struct space *space) EXCLUDES(mm);
uint64_t space_resident_most_locked(struct space *space) REQUIRES(mm);
/* It begins anew. */
void space_peak_reset(struct space *space) EXCLUDES(mm);
/* Entries that name pages which have a slot and no frame. Walks the tables. */
uint64_t space_swapped(const struct space *space) REQUIRES(mm);

/* Before pages are given up. */
static inline void space_note_resident(struct space *space) REQUIRES(mm)
{
    if (space->table.resident_bound > space->resident_most)
        space_resident_most_locked(space);
}

#endif
