/* mm/demand_paging/object_punch.c - what an object loses, all who map it lose: holes,
 * and a new end.
 *
 * Pages of the object go out of every space by their mappers (object.c). Behind a new end
 * private copies of its pages go too, as POSIX has it and Linux does: what is not in the file
 * is not in a mapping of it. No list says which spaces have such copies, since it is hardly
 * ever asked: the regions that show the object are searched for. */
#include "mm/demand_paging/object_punch.h"
#include "lib/errno.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/object_io.h"
#include "mm/replacement/replacement.h"

/* True: others have run, and may have changed everything. */
static bool region_forget_beyond(struct space *space, const struct region *region,
                                 uint32_t index) REQUIRES(mm)
{
    uintptr_t start = region->start;
    if (region->index < index)
        start += (uintptr_t)(index - region->index) * PAGE_SIZE;
    if (start >= region->end)
        return false;
    struct flush flush;
    flush_begin(&flush, &space->table);
    space_forget(space, start, region->end, &flush);
    flush_end(&flush);
    bool paused = space->changing;
    if (paused)
        change_over(space);
    return paused;
}

/* The same of a space that may end, or be somebody else's to change just now. */
static bool region_forget_held(struct space *space, const struct region *region,
                               uint32_t index) REQUIRES(mm)
{
    bool waits = change_must_wait(space), paused = waits;
    space_hold_locked(space);
    if (waits)
        change_await(space);
    else
        paused = region_forget_beyond(space, region, index);
    mm_unlock();
    space_release(space);
    mm_lock();
    return paused;
}

/* In one space. */
static bool copies_forget(struct space *space, const struct object *object, uint32_t index)
    REQUIRES(mm)
{
    struct region *region = space->references > 0 ? space->first : NULL; /* else it ends */
    for (; region != NULL; region = region->next) {
        if (region->object == object && !region->shared &&
            region_forget_held(space, region, index))
            return true;
    }
    return false;
}

void object_forget_copies(struct object *object, uint32_t index)
{
    mm_assert_locked();
    struct space *space = object->references > 1 ? space_first : NULL;
    while (space != NULL) /* what has been forgotten is found to be so the next time */
        space = copies_forget(space, object, index) ? space_first : space->next;
}

/* A part of one page becomes zeroes, if it is not already. */
static int object_clear(struct object *object, uint64_t start, uint64_t end) EXCLUDES(mm)
{
    uint32_t index = (uint32_t)(start / PAGE_SIZE);
    if (!object_has(object, index) && start >= object->backed)
        return 0;
    frame_t frame;
    int error = object_pin(object, index, &frame, NULL);
    if (!error) {
        __builtin_memset((char *)frame_data(frame) + start % PAGE_SIZE, 0, end - start);
        object_unpin(frame, true);
    }
    return error;
}

int object_punch(struct object *object, uint64_t start, uint64_t end)
{
    if (end > object->size)
        end = object->size;
    uint64_t first = PAGE_ROUND_UP(start), last = PAGE_ROUND_DOWN(end);
    if (start >= end)
        return 0;
    if (first > last)
        return object_clear(object, start, end);
    int error = start < first ? object_clear(object, start, first) : 0;
    if (!error && last < end)
        error = object_clear(object, last, end);
    /* A page that the device would fill again cannot just be dropped. */
    for (; !error && first < last && first < object->backed; first += PAGE_SIZE)
        error = object_clear(object, first, first + PAGE_SIZE);
    if (!error && first < last)
        object_drop(object, (uint32_t)(first / PAGE_SIZE), (uint32_t)(last / PAGE_SIZE));
    return error;
}

/* --- Finding holes ------------------------------------------------------------------------ */

/* A page of zeroes that somebody looked at, and nobody wrote, is a hole still. */
static bool page_has_contents(page_t id) REQUIRES(mm)
{
    const struct page *page = page_get(id);
    return slot_is(page->slot) || (frame_is(page->frame) && harvest_modified(page->frame));
}

/* Of the object's pages with contents the first from `index` on, or `end`. */
static uint64_t contents_first(const struct object *object, uint64_t index, uint64_t end)
    REQUIRES(mm)
{
    uint64_t first = end;
    for (page_t at = object->first; page_is(at); at = page_get(at)->object_next)
        if (page_get(at)->index >= index && page_get(at)->index < first &&
            page_has_contents(at))
            first = page_get(at)->index;
    return first;
}

/* The first index from `index` on without contents, or `end`. */
static uint64_t hole_first(const struct object *object, uint64_t index, uint64_t end)
    REQUIRES(mm)
{
    for (; index < end; index++) {
        page_t page = object_find(object, (uint32_t)index);
        if (!page_is(page) || !page_has_contents(page))
            break;
    }
    return index;
}

uint64_t object_find_contents(const struct object *object, uint64_t index, bool contents)
{
    uint64_t end = PAGE_ROUND_UP(object->size) / PAGE_SIZE;
    if (object->device != NULL) /* all of it is there */
        return contents ? index : end;
    mm_lock();
    uint64_t found =
        contents ? contents_first(object, index, end) : hole_first(object, index, end);
    mm_unlock();
    return found;
}
