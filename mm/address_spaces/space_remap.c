/* mm/address_spaces/space_remap.c - mremap: memory that moves without being copied.
 *
 * A program wants its array longer, and there is no room behind it. To copy it would touch
 * every page; but a page is not tied to an address, only the entries of the page table say
 * where it is seen. So the entries move: each present one takes its place in its frame's
 * list of mappers along, names of pages that are elsewhere move as they are, and the frames
 * are not touched. The old addresses are flushed before anybody can use them again. */
#include "mm/address_spaces/space_remap.h"

#include "lib/errno.h"
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/promise.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/region_trace.h"
#include "mm/address_spaces/shared_code.h"
#include "mm/address_spaces/space_map.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

/* Moving may cut at both ends, and makes one region more: Linux's bound. */
#define REMAP_CUTS 3

/* --- Entries ---------------------------------------------------------------------------- */

/* Frames that the tables on the way to the new addresses may take, two for each of the last
 * level: there are as many tables as the length spans, or as hold anything now. */
static uint32_t tables_needed(const struct space *space, size_t length)
{
    uint64_t spans = length / TABLE_SPAN + 2, most = space->table.frames + 2;
    return (uint32_t)(2 * (spans < most ? spans : most) + 2 * TABLE_LEVELS);
}

static void tables_trim(struct space *space, uintptr_t start, size_t length) REQUIRES(mm)
{
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct position at;
    position_begin(&at, &space->table, start, start + length);
    while (position_enter(&at)) {
        position_trim(&at, &flush);
        change_pause(space, &flush, WORK_OF_REGION);
    }
    flush_end(&flush);
}

/* Others may have run, and taken what was there for the rest. False: it is not there again. */
static bool tables_pause(struct space *space, const struct position *from) REQUIRES(mm)
{
    return position_is_last(from) || !change_pause(space, NULL, WORK_OF_REGION) ||
           pageout_reserve_by_eviction(tables_needed(space, from->end - from->stop));
}

/* Tables for what will move from [start, start + length) to `to`. False: no frame. */
static bool tables_build(struct space *space, uintptr_t start, size_t length, uintptr_t to)
    REQUIRES(mm)
{
    struct position from, built;
    position_begin(&from, &space->table, start, start + length);
    while (position_enter(&from)) {
        uintptr_t first = to + (from.first - start), stop = to + (from.stop - start);
        if (!position_build(&built, &space->table, first) ||
            !position_build(&built, &space->table, stop - PAGE_SIZE) ||
            !tables_pause(space, &from)) {
            tables_trim(space, to, length);
            return false;
        }
    }
    return true;
}

/* The entries of a stretch move, `up` that many bytes. */
static void stretch_move(struct space *space, struct position *from, uintptr_t up,
                         struct flush *flush) REQUIRES(mm)
{
    struct position to = {.entry = NULL};
    for (; position_find_here(from); position_step(from)) {
        uintptr_t place = position_address(from) + up;
        if (position_near(&to, place))
            position_shift(&to, place);
        else if (!position_at(&to, &space->table, place))
            panic("memory moves to where no table is");
        pte_t old = position_move(from, &to);
        trace_range(TRACE_ENTRY, space->id, position_address(from), 0);
        trace_range(TRACE_ENTRY, space->id, place, old.bits);
        if (pte_is_present(old))
            flush_add(flush, position_address(from));
    }
}

/* All entries of [start, start + length) move to `to`, where there are tables, and nothing in
 * them: nobody else takes them away meanwhile (change.h). */
static void entries_move(struct space *space, uintptr_t start, size_t length, uintptr_t to)
    REQUIRES(mm)
{
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct position from;
    position_begin(&from, &space->table, start, start + length);
    while (position_enter(&from)) {
        stretch_move(space, &from, to - start, &flush);
        change_pause(space, &flush, from.work);
    }
    flush_end(&flush);
    tables_trim(space, start, length);
    tables_trim(space, to, length);
}

/* --- Regions ---------------------------------------------------------------------------- */

/* The old region has gone; or its addresses stay promised, with nothing there. */
static void region_leave(struct space *space, struct region *region, unsigned flags)
    REQUIRES(mm)
{
    if (flags & MREMAP_DONTUNMAP) {
        region->wired = false;
        region_trace(TRACE_MAP, space->id, region);
    } else {
        trace_range(TRACE_UNMAP, space->id, region->start, region->end - region->start);
        region_remove(space, region);
        region_destroy(region);
    }
}

/* `copy` becomes the region at `place`: before entries come there, and as long as there are
 * some at the old one, that is promised, too. */
static intptr_t region_move(struct space *space, const struct remap_request *request,
                            uintptr_t place, struct region *copy) REQUIRES(mm)
{
    uintptr_t start = request->start;
    size_t length =
        request->length < request->new_length ? request->length : request->new_length;
    if (length > 0 && region_isolate(space, start, start + length) != 0)
        return -ENOMEM;
    if (!tables_build(space, start, length, place)) {
        region_join_range(space, start, start + length);
        return -ENOMEM;
    }
    struct region *region = region_find(space, start);
    uint32_t index = region_index(region, start);
    *copy = *region;
    copy->start = place;
    copy->end = place + request->new_length;
    copy->index = index;
    if (copy->object != NULL)
        object_hold_locked(copy->object);
    region_insert(space, copy);
    region_trace(TRACE_MAP, space->id, copy);
    entries_move(space, start, length, place);
    if (length > 0)
        region_leave(space, region, request->flags);
    region_join_range(space, start, start + length);
    region_join_range(space, place, place + request->new_length);
    return (intptr_t)place;
}

/* Where it goes: a place that is free now, or -errno. */
static intptr_t remap_place(struct space *space, const struct remap_request *request)
    REQUIRES(mm)
{
    uintptr_t wish = request->place;
    size_t length = request->new_length;
    if ((request->flags & MREMAP_FIXED) && wish < REGION_BOTTOM)
        return -EPERM;
    if (request->flags & MREMAP_FIXED) {
        int error = shared_code_bars(space, wish, wish + length)
                        ? -ENOMEM
                        : space_unmap_locked(space, wish, wish + length);
        return error ? error : (intptr_t)wish;
    }
    if ((request->flags & MREMAP_DONTUNMAP) && wish >= REGION_BOTTOM && wish < REGION_TOP &&
        length <= REGION_TOP - wish && region_has_room(space, wish, wish + length))
        return (intptr_t)wish;
    uintptr_t gap = region_gap(space, length, REGION_BOTTOM, REGION_TOP);
    return gap ? (intptr_t)gap : -ENOMEM;
}

static bool must_move(const struct remap_request *request)
{
    return request->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
}

/* No region is there. What all spaces have (shared_code.h) stays where it is. */
static int remap_nothing(const struct space *space, uintptr_t start) REQUIRES(mm)
{
    return frame_is(shared_code_frame(space, start)) ? -EINVAL : -EFAULT;
}

/* 0: the region may be remapped so. What only becomes shorter may reach across others. */
static int remap_check(struct space *space, const struct remap_request *request)
    REQUIRES(mm)
{
    const struct region *region = region_find(space, request->start);
    bool longer = request->new_length > request->length;
    if (region == NULL)
        return remap_nothing(space, request->start);
    if (!must_move(request) && !longer)
        return 0;
    if (request->length == 0 && !region->shared)
        return -EINVAL;
    size_t kept = longer ? request->length : request->new_length;
    if (kept > region->end - request->start)
        return -EFAULT;
    if (region_index(region, request->start) + request->new_length / PAGE_SIZE > UINT32_MAX)
        return -EINVAL;
    return 0;
}

/* Longer where it is, if there is room behind it. */
static bool region_extend(struct space *space, const struct remap_request *request)
    REQUIRES(mm)
{
    struct region *region = region_find(space, request->start);
    uintptr_t end = request->start + request->length;
    size_t more = request->new_length - request->length;
    if (region->end != end || more > USER_END - end ||
        !region_is_free(space, end, end + more) || shared_code_bars(space, end, end + more))
        return false;
    region->end += more;
    region_rooms_above(space, region);
    promise_more(space, region, more);
    region_trace(TRACE_MAP, space->id, region);
    region_join_next(space, region);
    return true;
}

/* No longer than it shall be; the rest is unmapped. 0, -EINVAL or -ENOMEM. */
static int remap_cut(struct space *space, struct remap_request *request) REQUIRES(mm)
{
    if (request->length <= request->new_length)
        return 0;
    if (request->length > USER_END - request->start)
        return -EINVAL;
    uintptr_t end = request->start + request->length;
    request->length = request->new_length;
    return space_unmap_locked(space, request->start + request->length, end);
}

static intptr_t remap_move(struct space *space, struct remap_request *request) REQUIRES(mm)
{
    if (space->region_count + REMAP_CUTS >= region_most)
        return -ENOMEM;
    struct region *copy = region_create(space);
    if (copy == NULL)
        return -ENOMEM;
    intptr_t place = remap_place(space, request);
    int error = place < 0 ? (int)place : remap_cut(space, request);
    if (!error)
        error = remap_check(space, request); /* FIXED may have unmapped it */
    if (!error)
        place = region_move(space, request, (uintptr_t)place, copy);
    if (error || place < 0)
        region_destroy(copy);
    return error ? error : place;
}

/* May that much more be promised? What it leaves behind stays, if it does not go. */
static int remap_promise(struct space *space, const struct remap_request *request)
    REQUIRES(mm)
{
    bool stays = (request->flags & MREMAP_DONTUNMAP) || request->length == 0;
    size_t gone = stays ? 0 : request->length;
    if (request->new_length <= gone)
        return 0;
    return promise_check_longer(space, region_find(space, request->start),
                                request->new_length - gone);
}

/* 0 is no address that memory moves to. */
#define REMAP_WAIT 0

/* The address, -errno, or REMAP_WAIT: frames are wanted, and then all is to be looked at again. */
static intptr_t remap_locked(struct space *space, struct remap_request *request)
    REQUIRES(mm)
{
    int error = remap_check(space, request);
    if (!error)
        error = remap_promise(space, request);
    if (!error && !must_move(request) && request->length >= request->new_length) {
        error = remap_cut(space, request);
        return error ? error : (intptr_t)request->start;
    }
    if (error)
        return error;
    if (!must_move(request) && request->length > 0 && region_extend(space, request))
        return (intptr_t)request->start;
    if (!(request->flags & MREMAP_MAYMOVE))
        return -ENOMEM;
    if (!memory_is_there(tables_needed(space, request->length)))
        return REMAP_WAIT;
    return remap_move(space, request);
}

/* Until there are frames for the tables, with nothing half changed: others may change the space
 * meanwhile. False: there will be none. */
static bool remap_wait(struct space *space, size_t length) REQUIRES(mm)
{
    if (space->changing)
        change_over(space);
    bool there = pageout_reserve(tables_needed(space, length));
    if (change_must_wait(space))
        change_await(space);
    return there;
}

static intptr_t remap_one(struct space *space, struct remap_request request) REQUIRES(mm)
{
    intptr_t result = remap_locked(space, &request);
    while (result == REMAP_WAIT)
        result =
            remap_wait(space, request.length) ? remap_locked(space, &request) : -ENOMEM;
    return result;
}

/* To a fixed place, as long as before: so several regions can move, with what is free between
 * them. The first that cannot is the end of it. */
static intptr_t remap_each(struct space *space, const struct remap_request *all)
    REQUIRES(mm)
{
    uintptr_t end = all->start + all->length, at = all->start;
    const struct region *region = region_find(space, at);
    if (region == NULL)
        return remap_nothing(space, at);
    while (at < end && region != NULL && region->start < end) {
        struct remap_request one = *all;
        one.start = region->start > at ? region->start : at;
        at = region->end < end ? region->end : end;
        one.length = one.new_length = at - one.start;
        one.place = all->place + (one.start - all->start);
        intptr_t moved = remap_one(space, one);
        if (moved < 0)
            return moved;
        region = region_at_or_above(space, at);
    }
    return (intptr_t)all->place;
}

intptr_t space_remap(struct space *space, struct remap_request request)
{
    bool many = (request.flags & MREMAP_FIXED) && request.length == request.new_length;
    change_begin(space);
    intptr_t result = many ? remap_each(space, &request) : remap_one(space, request);
    change_end(space);
    return result;
}
