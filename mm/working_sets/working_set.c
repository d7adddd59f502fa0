/* mm/working_sets/working_set.c - working sets, sampled and exact.  See
 * mm/working_sets/working_set.h. */
#include "mm/working_sets/working_set.h"

#include "mm/address_spaces/address_spaces.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/trace.h"

/* --- By sampling --------------------------------------------------------------------------- */

/* The entries that count: those that name a page, present or not, which could be evicted. */
static bool entry_counts(pte_t entry)
{
    return !pte_is_wired(entry) && !(pte_is_present(entry) && pte_is_zero_page(entry));
}

/* A page that was used in the period that ended: A goes, and its age is 1. What A said is told
 * the policy. The processor is to forget the page, or it would not set A at the next use. */
static void entry_used(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    struct frame *frame = frame_get(pte_frame(position_read(at)));
    frame->referenced = frame->recent = true;
    position_age_from_use(at);
    flush_add(flush, position_address(at));
}

/* One period older, unless it was used. Does it belong to the set then? Names have no A. The
 * entry counts, and is not old already. */
static bool entry_grow_older(const struct position *at, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(at);
    if (pte_is_referenced(old)) {
        entry_used(at, flush);
        return true;
    }
    position_grow_older(at);
    return pte_age(old) < WORKING_SET_PERIODS;
}

/* How many of them belong to the set? Most are old: those are passed quickly. */
static uint32_t stretch_grow_older(struct position *at, struct flush *flush) REQUIRES(mm)
{
    uint32_t count = 0;
    for (; position_find_here(at); position_step(at)) {
        pte_t entry = position_read(at);
        if (!pte_is_old(entry) && entry_counts(entry))
            count += entry_grow_older(at, flush);
    }
    return count;
}

/* So much of a sample has been done. Others run, if it is their turn. False: the caller is being
 * ended. */
static bool sample_rest(struct space *space, struct flush *flush, unsigned work)
    REQUIRES(mm)
{
    change_work += work;
    if (change_work < WORK_AT_ONCE)
        return true;
    change_work = 0;
    flush_end(flush);
    change_rest();
    flush_begin(flush, &space->table);
    return !above_dying();
}

void working_set_sample(struct space *space, bool rests)
{
    mm_lock();
    uint32_t count = 0;
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct position at;
    position_begin(&at, &space->table, 0, USER_END);
    bool goes_on = true;
    while (goes_on && position_enter(&at)) {
        count += stretch_grow_older(&at, &flush);
        goes_on = !rests || sample_rest(space, &flush, at.work);
    }
    flush_end(&flush);
    space->working_set = count;
    if (!space->changing) /* of one that is half changed the trace tells nothing yet */
        trace_range(TRACE_WORKING_SET, space->id, count, space_resident(space));
    mm_unlock();
}

static uint32_t region_working_set(const struct space *space, const struct region *region)
    REQUIRES(mm)
{
    uint32_t count = 0;
    struct position at;
    position_begin(&at, &space->table, region->start, region->end);
    for (; position_find(&at); position_step(&at))
        count += entry_counts(position_read(&at)) && working_set_has(position_read(&at));
    return count;
}

uint32_t working_set_count(const struct space *space)
{
    mm_lock();
    uint32_t count = 0;
    for (const struct region *region = space->first; region != NULL; region = region->next)
        count += region_working_set(space, region);
    mm_unlock();
    return count;
}

/* --- In references ------------------------------------------------------------------------- */

static bool same_page(const struct reference *one, const struct reference *other)
{
    return one->address == other->address && one->space == other->space;
}

/* Is the page used again after that reference? */
static bool used_later(const struct group *group, uint64_t number) REQUIRES(mm)
{
    struct reference of, later;
    reference_string_get(group, number, &of);
    while (reference_string_get(group, ++number, &later))
        if (same_page(&of, &later))
            return true;
    return false;
}

bool working_set_next(const struct group *group, uint32_t window, uint64_t *at,
                      struct reference *reference)
{
    mm_lock();
    uint64_t end = reference_string_next(group), first = reference_string_first(group);
    if (end - first > window)
        first = end - window;
    if (*at < first)
        *at = first;
    while (*at < end && used_later(group, *at))
        ++*at;
    bool found = reference_string_get(group, (*at)++, reference);
    mm_unlock();
    return found;
}
