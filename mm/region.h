/* mm/region.h - the regions of a space: kept in order, searched, split, joined. */
#ifndef MM_REGION_H
#define MM_REGION_H

#include "mm/space.h"

/* Where mmap looks for room, from the top down; above it lie the stack and its gap. */
#define REGION_TOP 0x00007ffff0000000ul
/* And for those that want 31 bits to reach it (MAP_32BIT). */
#define REGION_LOW_BOTTOM 0x40000000ul
#define REGION_LOW_TOP    0x80000000ul
/* Between a stack and what lies below it there is nothing: who misses the one page below by a
 * large frame shall not hit the next region. */
#define REGION_STACK_GAP (256 * PAGE_SIZE)
/* The lowest address that can be promised: null pointers must fault. */
#define REGION_BOTTOM 0x10000ul

/* Whole pages, at least one, that lie in user addresses. */
static inline bool region_range_valid(uintptr_t start, size_t length)
{
    return start % PAGE_SIZE == 0 && length > 0 && length <= USER_END &&
           start <= USER_END - length;
}

/* A cleared region, not in any space; NULL: out of memory. */
struct region *region_create(const struct space *space);
/* Give up a region that is in no space, and its hold on the object. */
void region_destroy(struct region *region);

/* Put into, take out of a space. No other region of the space may overlap it. */
void region_insert(struct space *space, struct region *region);
void region_remove(struct space *space, struct region *region);

/* Make `rest`, an unused region, the upper part of `region`, from `address` on. */
void region_split(struct space *space, struct region *region, uintptr_t address,
                  struct region *rest);
/* Join the region with the next one if the two say the same; true if so. */
bool region_join_next(struct space *space, struct region *region);

/* A space may have so many regions (vm.max_map_count). From the memory's size at first: all
 * regions of one space take no more than a quarter of it. */
#define REGIONS_MOST 65530u
extern uint32_t region_most;
void region_most_set(void);

/* Cut regions so that none reaches across either end of [start, end). 0; -ENOMEM, nothing
 * has been changed: out of memory, or there would be too many. */
int region_isolate(struct space *space, uintptr_t start, uintptr_t end);
/* The same where what lies between will go: only cutting one in two makes more of them. */
int region_isolate_to_unmap(struct space *space, uintptr_t start, uintptr_t end);
/* Join what can be joined in and around [start, end). Within a change (mm/change.h): pauses. */
void region_join_range(struct space *space, uintptr_t start, uintptr_t end);

/* munmap, within a change (mm/change.h): 0 or -ENOMEM, nothing changed. Pauses. */
int space_unmap_locked(struct space *space, uintptr_t start, uintptr_t end);

/* Where in [start, end) the first address is that is not promised; `end`: all are. */
uintptr_t region_first_hole(struct space *space, uintptr_t start, uintptr_t end);
/* Is all of [start, end) promised? */
bool region_covered(struct space *space, uintptr_t start, uintptr_t end);
/* Does nothing overlap [start, end)? */
bool region_is_free(struct space *space, uintptr_t start, uintptr_t end);
/* Nor come as near as another must not to a stack above? */
bool region_has_room(struct space *space, uintptr_t start, uintptr_t end);
/* The highest `length` bytes with room in [bottom, top); 0: none. */
uintptr_t region_gap(struct space *space, size_t length, uintptr_t bottom, uintptr_t top);

/* The stack's region, grown down to hold `address`; NULL: there is none above it, or it may
 * not grow that far. */
struct region *region_grow_stack(struct space *space, uintptr_t address);

/* What an entry for `page` (PAGE_NONE: the zero page) may grant in the region now: not
 * writing, while others see the same page and must not see the write. */
unsigned region_page_access(const struct region *region, page_t page);

/* The object's page at `address`. */
static inline uint32_t region_index(const struct region *region, uintptr_t address)
{
    return region->index + (uint32_t)((address - region->start) / PAGE_SIZE);
}

#endif
