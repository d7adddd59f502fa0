/* mm/address_spaces/region.h - the regions of a space: kept in order, searched, split, joined. */
#ifndef MM_REGION_H
#define MM_REGION_H

#include "mm/address_spaces/space.h"
#include "mm/demand_paging/demand_paging.h"

/* Where mmap looks for room, from the top down; above it lie the stack and its gap. */
#define REGION_TOP 0x00007ffff0000000ul
/* And for those that want 31 bits to reach it (MAP_32BIT). */
#define REGION_LOW_BOTTOM 0x40000000ul
#define REGION_LOW_TOP    0x80000000ul
/* Between a stack and what lies below it there is nothing: a function whose large frame reaches
 * beyond the page below the stack shall not hit the next region. */
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
struct region *region_create(const struct space *space) REQUIRES(mm);
/* Give up a region that is in no space, and its hold on the object. */
void region_destroy(struct region *region) REQUIRES(mm);

/* Put into, take out of a space. No other region of the space may overlap it. */
void region_insert(struct space *space, struct region *region) REQUIRES(mm);
void region_remove(struct space *space, struct region *region) REQUIRES(mm);

/* A space may have so many regions (vm.max_map_count). From the memory's size at first: all
 * regions of one space take no more than a quarter of it. */
#define REGIONS_MOST 65530u
extern uint32_t region_most;
void region_most_set(void);

/* The object's page at `address`. */
static inline uint32_t region_index(const struct region *region, uintptr_t address)
{
    return region->index + (uint32_t)((address - region->start) / PAGE_SIZE);
}

/* Does any space map the object with one of these in access_max? `shared`: only those count that
 * share it. Takes the lock. */
bool region_maps_object(const struct object *object, unsigned access_max, bool shared)
    EXCLUDES(mm);

/* The region that holds `address`, or the next above it; NULL: none. */
struct region *region_at_or_above(struct space *space, uintptr_t address) REQUIRES(mm);
/* The region that holds `address`, or NULL. */
struct region *region_find(struct space *space, uintptr_t address) REQUIRES(mm);

/* What an entry for `page` (PAGE_NONE: the zero page) may grant in the region now: not
 * writing, while others see the same page and must not see the write. */
static inline unsigned region_page_access(const struct region *region, page_t page)
    REQUIRES(mm)
{
    unsigned access = region->access;
    if (!region->shared && page_needs_copy(page))
        access &= ~ACCESS_WRITE;
    if (region->wired && page_is(page))
        access |= ACCESS_WIRED;
    return access;
}

#endif
