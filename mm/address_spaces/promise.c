/* mm/address_spaces/promise.c - how much may be promised.  See promise.h for the idea. */
#include "mm/address_spaces/promise.h"

#include "mm/demand_paging/demand_paging.h"

#include "mm/frames/frames.h"
#include "mm/replacement/replacement.h"

#include "lib/errno.h"
#include "mm/address_spaces/region.h"

enum promise_policy promise_policy;
uint32_t promise_ratio = 50;
uint64_t promise_regions, promise_objects, promise_small;

/* --- All together ----------------------------------------------------------------------- */

uint64_t promise_limit(void)
{
    uint64_t frames_ = (uint64_t)frame_counts.total * promise_ratio / 100;
    return (frames_ + swap_counts.total) * PAGE_SIZE;
}

/* And a little more, for what the kernel took of memory before it counted. */
static uint64_t all_there_is(void)
{
    uint64_t bytes = ((uint64_t)frame_counts.total + swap_counts.total) * PAGE_SIZE;
    return bytes + bytes / 16;
}

void promise_policy_set(enum promise_policy policy)
{
    static const uint64_t nothing = 0, anything = UINT64_MAX;
    promise_policy = policy;
    promise_small = policy == PROMISE_KEPT       ? nothing
                    : policy == PROMISE_ANYTHING ? anything
                                                 : all_there_is();
}

static bool memory_allows(size_t length) REQUIRES(mm)
{
    if (promise_policy == PROMISE_KEPT)
        return promise_regions + promise_objects + length <= promise_limit();
    return length <= promise_small;
}

bool promise_look_copy(const struct region *region)
{
    return region->commit != COMMIT_COUNTED || memory_allows(region->end - region->start);
}

int promise_object(struct object *object)
{
    mm_assert_locked();
    if (!memory_allows(object->size))
        return -ENOMEM;
    object->committed = object->size;
    promise_objects += object->size;
    return 0;
}

/* --- One space ---------------------------------------------------------------------------- */

static bool is_data(const struct region *region)
{
    return !region->shared && (region->access & ACCESS_WRITE) && !region->grows_down;
}

/* Looks at every region: only spaces with such a limit are asked. */
static uint64_t data_promised(const struct space *space) REQUIRES(mm)
{
    uint64_t bytes = 0;
    for (const struct region *region = space->first; region != NULL; region = region->next)
        bytes += is_data(region) ? region->end - region->start : 0;
    return bytes;
}

static bool data_allows(const struct space *space, size_t length) REQUIRES(mm)
{
    return space->data_limit == UINT64_MAX ||
           data_promised(space) + length <= space->data_limit;
}

int promise_look(const struct space *space, struct promise promise,
                 struct promise_gone gone)
{
    mm_assert_locked();
    size_t more = promise.length - gone.all;
    bool allowed = space->promised + more <= space->promised_limit &&
                   (!promise.data || data_allows(space, more)) &&
                   (promise_commit(promise) != COMMIT_COUNTED ||
                    memory_allows(promise.length - gone.counted));
    return allowed ? 0 : -ENOMEM;
}

int promise_check_longer(const struct space *space, const struct region *region,
                         size_t longer)
{
    struct promise promise = {
        .length = longer,
        .writable = region->commit == COMMIT_COUNTED,
        .data = is_data(region),
    };
    return promise_check(space, promise, (struct promise_gone){0, 0});
}

uintptr_t promise_writable_until(struct space *space, uintptr_t start, uintptr_t end)
{
    uint64_t room = UINT64_MAX, data = 0, counted = 0;
    if (space->data_limit != UINT64_MAX) {
        data = data_promised(space);
        room = space->data_limit;
    }
    struct region *region = region_at_or_above(space, start);
    for (; region != NULL && region->start < end; region = region->next) {
        uintptr_t from = region->start > start ? region->start : start;
        size_t length = (region->end < end ? region->end : end) - from;
        bool becomes_data = !region->shared && !region->grows_down && !is_data(region);
        bool counts = region->commit == COMMIT_NOT_YET;
        data += becomes_data ? length : 0;
        counted += counts ? length : 0;
        if ((becomes_data && data > room) || (counts && !memory_allows(counted)))
            return from;
    }
    return end;
}
