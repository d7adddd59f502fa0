/* mm/demand_paging/object_lock.c - pages of an object that may not go (SHM_LOCK): they
 * are wired one by one, when their policies would have them go. */
#include "mm/demand_paging/object_lock.h"
#include "mm/hooks.h"

#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"

bool object_keeps(frame_t frame)
{
    const struct object *object = page_get(frame_get(frame)->page)->object;
    if (object == NULL || !object->locked)
        return false;
    group_wire(frame);
    return true;
}

/* Wired once more than by the entries that map it? */
static bool object_wires(frame_t frame) REQUIRES(mm)
{
    uint32_t entries = 0;
    for (mapper_t at = frame_get(frame)->mappers; mapper_is(at); at = mapper_link(at)->next)
        entries += pte_is_wired(*mapper_entry(at));
    return frame_get(frame)->wired > entries;
}

void object_lock(struct object *object, bool locked)
{
    mm_assert_locked();
    object->locked = locked;
    page_t page = object->first;
    for (; !locked && page_is(page); page = page_get(page)->object_next)
        if (page_is_resident(page) && object_wires(page_get(page)->frame))
            group_unwire(page_get(page)->frame);
}
