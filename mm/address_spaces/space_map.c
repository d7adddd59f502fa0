/* mm/address_spaces/space_map.c - promising memory, taking promises back, changing what
 * may be done with it.
 *
 * A process demands memory here; it gets none. mmap and brk only write down a promise, a
 * region, and the pages come when they are touched. Taking back and changing rights have
 * both halves to do: the regions (what was promised) and the entries (what is there).
 *
 * Each call first gets whatever memory it may need for splitting regions, then changes
 * things: so a call that fails for want of memory has changed nothing. mprotect changes what lies
 * before the first place that it may not change, as Linux does. */
#include "mm/above.h"
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/promise.h"
#include "mm/address_spaces/region.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/trace.h"

#include "lib/errno.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/region_trace.h"
#include "mm/address_spaces/shared_code.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_resident.h"
#include "mm/address_spaces/space_wire.h"

/* --- munmap ------------------------------------------------------------------------ */

int space_unmap_locked(struct space *space, uintptr_t start, uintptr_t end)
{
    int error = region_isolate_to_unmap(space, start, end);
    if (error)
        return error;
    space_note_resident(space);
    struct flush flush;
    flush_begin(&flush, &space->table);
    if (shared_code_within(start, end))
        shared_code_unmap(space, &flush);
    struct region *gone = NULL, *next;
    struct region *region = region_at_or_above(space, start);
    for (; region != NULL && region->start < end; region = next) {
        next = region->next;
        space_unmap_region(space, region, &flush);
        region->next = gone;
        gone = region;
        if (next != NULL && next->start < end)
            change_pause(space, &flush, WORK_OF_REGION);
    }
    flush_end(&flush);
    /* Only now: with a region its object may go, and the frames of that. */
    for (; gone != NULL; gone = next) {
        next = gone->next;
        region_destroy(gone);
    }
    return 0;
}

int space_unmap(struct space *space, uintptr_t start, size_t length)
{
    if (!region_range_valid(start, length))
        return -EINVAL;
    change_begin(space);
    int error = space_unmap_locked(space, start, start + PAGE_ROUND_UP(length));
    change_end(space);
    return error;
}

/* --- mmap -------------------------------------------------------------------------- */

/* Where the shared code is, no region can be, unless FIXED takes that away first: 0 or -errno. */
static int map_beside_shared(const struct space *space, unsigned flags, uintptr_t start,
                             uintptr_t end) REQUIRES(mm)
{
    if (!shared_code_bars(space, start, end))
        return 0;
    if (flags & MAP_FIXED_NOREPLACE)
        return shared_code_within(start, end) ? -EEXIST : -ENOMEM;
    return shared_code_within(start, end) ? 0 : -ENOMEM;
}

/* Where the new region goes, as the request says: an address or -errno. */
static intptr_t map_place(struct space *space, const struct map_request *request,
                          size_t length) REQUIRES(mm)
{
    uintptr_t wish = request->address;
    if (request->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (wish > USER_END - length)
            return -ENOMEM;
        if (wish % PAGE_SIZE != 0)
            return -EINVAL;
        if (wish < REGION_BOTTOM)
            return -EPERM;
        if ((request->flags & MAP_FIXED_NOREPLACE) &&
            !region_is_free(space, wish, wish + length))
            return -EEXIST;
        int error = map_beside_shared(space, request->flags, wish, wish + length);
        return error ? error : (intptr_t)wish;
    }
    uintptr_t bottom = REGION_BOTTOM, top = REGION_TOP;
    if (request->flags & MAP_32BIT) {
        bottom = REGION_LOW_BOTTOM;
        top = REGION_LOW_TOP;
    }
    wish = PAGE_ROUND_DOWN(wish);
    if (wish >= REGION_BOTTOM && region_range_valid(wish, length) && wish + length <= top &&
        region_has_room(space, wish, wish + length))
        return (intptr_t)wish;
    uintptr_t place = region_gap(space, length, bottom, top);
    return place ? (intptr_t)place : -ENOMEM;
}

/* What regions have in [start, end), and goes. */
static struct promise_gone promised_within(struct space *space, uintptr_t start,
                                           uintptr_t end) REQUIRES(mm)
{
    struct promise_gone gone = {0, 0};
    const struct region *region = region_at_or_above(space, start);
    for (; region != NULL && region->start < end; region = region->next) {
        size_t bytes = (region->end < end ? region->end : end) -
                       (region->start > start ? region->start : start);
        gone.all += bytes;
        gone.counted += region->commit == COMMIT_COUNTED ? bytes : 0;
    }
    return gone;
}

/* May that much be promised at `place`, where FIXED makes room? Asked where it is not plain. */
static __attribute__((noinline)) int map_promise(struct space *space,
                                                 const struct map_request *request,
                                                 uintptr_t place, struct region *region)
    REQUIRES(mm)
{
    size_t length = PAGE_ROUND_UP(request->length);
    struct promise_gone gone = {0, 0};
    bool shared = request->flags & MAP_SHARED, unnamed = shared && !request->object;
    bool data = !shared && (request->access & ACCESS_WRITE);
    struct promise promise = {
        .length = length,
        .writable = data || unnamed,
        .data = data && !(request->flags & MAP_GROWSDOWN),
        .unreserved = request->flags & MAP_NORESERVE,
    };
    if (request->flags & MAP_FIXED)
        gone = promised_within(space, place, place + length);
    if (unnamed) /* the object is new before anything goes */
        gone.counted = 0;
    int error = promise_check(space, promise, gone);
    if (error)
        return error;
    if (!shared)
        region->commit = promise_commit(promise);
    return unnamed && promise_commit(promise) == COMMIT_COUNTED
               ? promise_object(region->object)
               : 0;
}

/* Does it need no second look? The region begins as it then counts. */
static bool map_is_plain(const struct space *space, const struct map_request *request,
                         size_t length, struct region *region) REQUIRES(mm)
{
    if (request->flags & (MAP_SHARED | MAP_NORESERVE))
        region->commit = COMMIT_NEVER;
    else if (request->access & ACCESS_WRITE)
        region->commit = COMMIT_COUNTED;
    return promise_is_small(space, length) && !(request->flags & MAP_SHARED);
}

/* The region goes to `place`. That address or -errno. */
static inline __attribute__((always_inline)) intptr_t map_at(
    struct space *space, const struct map_request *request, intptr_t place,
    struct region *region) REQUIRES(mm)
{
    size_t length = PAGE_ROUND_UP(request->length);
    int error = map_is_plain(space, request, length, region)
                    ? 0
                    : map_promise(space, request, (uintptr_t)place, region);
    if (!error && (request->flags & MAP_FIXED))
        error = space_unmap_locked(space, (uintptr_t)place, (uintptr_t)place + length);
    if (error)
        return error;
    region->start = (uintptr_t)place;
    region->end = region->start + length;
    region->access = (uint8_t)request->access;
    region->access_max = (uint8_t)request->access_max;
    region->shared = request->flags & MAP_SHARED;
    region->grows_down = request->flags & MAP_GROWSDOWN;
    region->index = request->index;
    region->wired = request->flags & MAP_LOCKED ? WIRE : UNWIRE;
    if (space->wire_future != UNWIRE)
        region->wired = space->wire_future;
    region_trace(TRACE_MAP, space->id, region);
    region_insert(space, region);
    region_join_next(space, region);
    if (region->previous != NULL)
        region_join_next(space, region->previous);
    return place;
}

static intptr_t map_locked(struct space *space, const struct map_request *request,
                           struct region *region) REQUIRES(mm)
{
    if (space->region_count > region_most)
        return -ENOMEM;
    intptr_t place = map_place(space, request, PAGE_ROUND_UP(request->length));
    if (place >= 0 && request->error != 0)
        place = request->error;
    return place < 0 ? place : map_at(space, request, place, region);
}

/* The new region's object: the request's, held once more; or for shared memory without a
 * name, one of its own. False: out of memory. */
static bool map_object(struct region *region, const struct map_request *request)
    REQUIRES(mm)
{
    region->object = request->object;
    if (region->object != NULL)
        object_hold_locked(region->object);
    else if (request->flags & MAP_SHARED)
        region->object = object_create_locked(NULL, 0, PAGE_ROUND_UP(request->length));
    return region->object != NULL || !(request->flags & MAP_SHARED);
}

intptr_t space_map(struct space *space, const struct map_request *request)
{
    if (request->length == 0)
        return -EINVAL;
    if (request->length > USER_END)
        return -ENOMEM;
    mm_lock();
    struct region *region = region_create(space);
    bool made =
        region != NULL && map_object(region, request); /* it stays while this sleeps */
    change_begin_locked(space);
    intptr_t place = made ? map_locked(space, request, region) : -ENOMEM;
    if (place < 0 && region != NULL)
        region_destroy(region);
    change_end(space);
    return place;
}

/* --- brk --------------------------------------------------------------------------- */

/* May the heap end there? A page stays free between it and what comes next, and the region counts
 * as any. */
static bool heap_has_room(struct space *space, uintptr_t old_top, uintptr_t top)
    REQUIRES(mm)
{
    const struct region *next = region_at_or_above(space, old_top);
    return space->region_count <= region_most &&
           (next == NULL || top + PAGE_SIZE <= next->start) &&
           !shared_code_bars(space, old_top, top);
}

/* The heap's last page moves from below `old_top` to below `top`. False: it cannot. */
static bool heap_move(struct space *space, uintptr_t old_top, uintptr_t top) REQUIRES(mm)
{
    if (top <= old_top)
        return top == old_top || space_unmap_locked(space, top, old_top) == 0;
    const struct map_request request = {
        .length = top - old_top,
        .access = ACCESS_READ | ACCESS_WRITE,
        .access_max = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE,
    };
    struct region *region =
        heap_has_room(space, old_top, top) ? region_create(space) : NULL;
    if (region == NULL)
        return false;
    bool mapped = map_at(space, &request, (intptr_t)old_top, region) >= 0;
    if (!mapped)
        region_destroy(region);
    return mapped;
}

/* Where the heap ends is looked up and changed in one change: another thread may move it, too. So
 * what this call has added is known here only. */
struct heap_ends space_heap(struct space *space, uintptr_t end)
{
    uintptr_t unmoved = space->heap_end;
    if (end < space->heap_start || end > USER_END)
        return (struct heap_ends){unmoved, unmoved};
    change_begin(space);
    struct heap_ends ends = {space->heap_end, space->heap_end};
    if (heap_move(space, PAGE_ROUND_UP(ends.before), PAGE_ROUND_UP(end)))
        space->heap_end = ends.now = end;
    change_end(space);
    return ends;
}

/* --- mprotect ---------------------------------------------------------------------- */

/* A present entry of memory that may no longer be touched at all: a private page is still
 * named, so that its contents are found again; an object's page the object will find. */
static void protect_hide(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t entry = position_read(at);
    page_t page = frame_get(pte_frame(entry))->page;
    if (pte_is_zero_page(entry) || page_get(page)->object != NULL) {
        page_forget_entry(at, flush);
    } else {
        position_withdraw(at, pte_name(page));
        flush_add(flush, position_address(at));
    }
}

static void protect_entry(const struct region *region, const struct position *at,
                          struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(at);
    if (region->access == 0) {
        protect_hide(at, flush);
        return;
    }
    page_t page = frame_get(pte_frame(old))->page; /* none, for the zero page */
    unsigned access = region_page_access(region, page);
    position_set_access(at, access);
    bool loses_write = pte_is_writable(old) && !(access & ACCESS_WRITE);
    bool loses_execute = pte_is_executable(old) && !(access & ACCESS_EXECUTE);
    if (loses_write || loses_execute)
        flush_add(flush, position_address(at));
}

/* The entries of one stretch. In a tracked region the next write faults, whatever is allowed. */
static void protect_stretch(struct region *region, struct position *at, struct flush *flush)
    REQUIRES(mm)
{
    uint8_t access = region->access;
    if (__builtin_expect(region->tracked, false) && access != 0)
        region->access = (access & ACCESS_EXECUTE) | ACCESS_READ;
    for (; position_find_here(at); position_step(at)) {
        if (!pte_is_present(position_read(at)))
            continue;
        protect_entry(region, at, flush);
        trace_range(TRACE_ENTRY, at->tree->id, position_address(at),
                    position_read(at).bits);
    }
    region->access = access;
}

static void protect_region(struct space *space, struct region *region, unsigned access,
                           struct flush *flush) REQUIRES(mm)
{
    trace_range(TRACE_PROTECT, space->id, region->start,
                (region->end - region->start) | access);
    region->access = (uint8_t)access;
    if (access & ACCESS_WRITE)
        promise_begin(region);
    struct position at;
    position_begin(&at, &space->table, region->start, region->end);
    while (position_enter(&at)) {
        protect_stretch(region, &at, flush);
        position_trim(&at, flush);
        change_pause_stretch(space, flush, &at);
    }
}

/* May all of [start, *end) get `access`? If not, *end is where it may not, and why is told. */
static int protect_allowed(struct space *space, uintptr_t start, uintptr_t *end,
                           unsigned access) REQUIRES(mm)
{
    unsigned commit = COMMIT_NEVER; /* of all regions, ANDed */
    int error = 0;
    const struct region *region = region_at_or_above(space, start);
    for (uintptr_t at = start; at < *end; region = region->next) {
        if (region == NULL || region->start > at)
            error = -ENOMEM;
        else if (access & ~(unsigned)region->access_max)
            error = -EACCES;
        if (error) {
            *end = at;
            break;
        }
        commit &= region->commit;
        at = region->end;
    }
    bool look = commit == COMMIT_NOT_YET || space->data_limit != UINT64_MAX;
    if (!look || !(access & ACCESS_WRITE))
        return error;
    uintptr_t until = promise_writable_until(space, start, *end);
    if (until == *end)
        return error;
    *end = until;
    return -ENOMEM;
}

/* Of private memory that is locked, the pages come with the right to write, as its own. */
static bool protect_brings(const struct region *region, unsigned access)
{
    return region->wired == WIRE && !region->shared && (access & ACCESS_WRITE) &&
           !(region->access & ACCESS_WRITE);
}

/* Nothing has been changed. What all spaces have is there, but keeps its rights. */
static __attribute__((noinline, cold)) int protect_refused(const struct space *space,
                                                           uintptr_t start, int error)
    REQUIRES(mm)
{
    return frame_is(shared_code_frame(space, start)) ? -EACCES : error;
}

/* `brings`: some pages are to be brought in (protect_bring). */
static int protect_locked(struct space *space, uintptr_t start, uintptr_t end,
                          unsigned access, bool *brings) REQUIRES(mm)
{
    int error = protect_allowed(space, start, &end, access);
    int cut = start < end ? region_isolate(space, start, end)
                          : protect_refused(space, start, error);
    if (cut)
        return cut;
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct region *region = region_find(space, start);
    for (; region != NULL && region->start < end; region = region->next) {
        if (__builtin_expect(region->wired != UNWIRE, false))
            *brings |= protect_brings(region, access);
        protect_region(space, region, access, &flush);
        if (region->end < end)
            change_pause(space, &flush, WORK_OF_REGION);
    }
    flush_end(&flush);
    region_join_range(space, start, end);
    return error;
}

/* What can be written now, and is private and locked. */
static __attribute__((noinline)) void protect_bring(struct space *space, uintptr_t start,
                                                    uintptr_t end) EXCLUDES(mm)
{
    for (uintptr_t stop; start < end; start = stop) {
        mm_lock();
        const struct region *region = region_at_or_above(space, start);
        stop = region != NULL && region->end < end ? region->end : end;
        bool brings = region != NULL && region->wired == WIRE && !region->shared;
        if (region != NULL && region->start > start)
            start = region->start;
        mm_unlock();
        if (brings && start < stop)
            space_populate(space, start, stop - start);
    }
}

int space_protect(struct space *space, uintptr_t start, size_t length, unsigned access)
{
    uintptr_t end = start + PAGE_ROUND_UP(length);
    if (end <= start)
        return -ENOMEM;
    bool brings = false;
    change_begin(space);
    int error = protect_locked(space, start, end, access, &brings);
    change_end(space);
    if (__builtin_expect(brings, false))
        protect_bring(space, start, end);
    return error;
}
