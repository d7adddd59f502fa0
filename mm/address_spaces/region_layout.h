/* mm/address_spaces/region_layout.h -
 * regions cut, joined and grown; where there is room for one. */
#ifndef MM_REGION_LAYOUT_H
#define MM_REGION_LAYOUT_H

#include "mm/address_spaces/region.h"

/* Make `rest`, an unused region, the upper part of `region`, from `address` on. */
void region_split(struct space *space, struct region *region, uintptr_t address,
                  struct region *rest) REQUIRES(mm);
/* Join the region with the next one if the two say the same; true if so. */
bool region_join_next(struct space *space, struct region *region) REQUIRES(mm);
/* Cut regions so that none reaches across either end of [start, end). 0; -ENOMEM, nothing
 * has been changed: out of memory, or there would be too many. */
MUST_USE int region_isolate(struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm);
/* The same where what lies between will go: only cutting one in two makes more of them. */
int region_isolate_to_unmap(struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm);
/* Join what can be joined in and around [start, end). Within a change (change.h): pauses. */
void region_join_range(struct space *space, uintptr_t start, uintptr_t end) SLEEPS
    REQUIRES(mm);
/* Where in [start, end) the first address is that is not promised; `end`: all are. */
uintptr_t region_first_hole(struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm);
/* Does nothing overlap [start, end)? */
bool region_is_free(struct space *space, uintptr_t start, uintptr_t end) REQUIRES(mm);
/* Nor come as near as another must not to a stack above? */
bool region_has_room(struct space *space, uintptr_t start, uintptr_t end) REQUIRES(mm);
/* The highest `length` bytes with room in [bottom, top); 0: none. */
uintptr_t region_gap(struct space *space, size_t length, uintptr_t bottom, uintptr_t top)
    REQUIRES(mm);
/* In a space that keeps account of rooms (space->rooms_kept). The room below the region at `start`
 * is another now, or one that was there has left the tree. And: `region` is in the tree now, with
 * others below it that were elsewhere. */
void region_rooms_update(struct space *space, uintptr_t start) REQUIRES(mm);
void region_rooms_plant(struct space *space, struct region *region) REQUIRES(mm);
/* Where `region` ends is another place now, and so the room above it is another: that is the next
 * one's. */
static inline void region_rooms_above(struct space *space, const struct region *region)
    REQUIRES(mm)
{
    if (space->rooms_kept && region->next != NULL)
        region_rooms_update(space, region->next->start);
}
/* The stack's region, grown down to hold `address`; NULL: there is none above it, or it may
 * not grow that far. */
struct region *region_grow_stack(struct space *space, uintptr_t address) REQUIRES(mm);

#endif
