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
    return !pte_is_zero(entry) && !pte_is_wired(entry) &&
           !(pte_is_present(entry) && pte_is_zero_page(entry));
}

/* A page that was used in the period that ended. What A said is told the policy. */
static void entry_used(pte_t *entry, uintptr_t address, struct flush *flush) REQUIRES(mm)
{
    struct frame *frame = frame_get(pte_frame(*entry));
    frame->referenced = frame->recent = true;
    pte_age_from_use(entry);
    flush_add(flush, address);
}

/* One period older, unless it was used. Does it belong to the set? Names have no A. The
 * entry is not old already. */
static bool entry_grow_older(pte_t *entry, uintptr_t address, struct flush *flush)
    REQUIRES(mm)
{
    pte_t old = pte_read(entry);
    if (pte_is_referenced(old)) {
        entry_used(entry, address, flush);
        return true;
    }
    pte_grow_older(entry);
    return pte_age(old) < WORKINGSET_PERIODS;
}

/* How many of them belong to the set? Most are old, or nothing: those are passed quickly. */
static uint32_t run_grow_older(struct table_run run, struct flush *flush) REQUIRES(mm)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < run.count; i++) {
        pte_t entry = pte_read(&run.entries[i]);
        if (!pte_is_old(entry) && entry_counts(entry))
            count += entry_grow_older(&run.entries[i], run.address + i * PAGE_SIZE, flush);
    }
    return count;
}

/* Others run, if it is their turn. False: the caller is being ended. */
static bool sample_rest(struct space *space, struct flush *flush) REQUIRES(mm)
{
    flush_end(flush);
    change_rest();
    flush_begin(flush, &space->table);
    return !above_dying();
}

void workingset_sample(struct space *space, bool rests)
{
    mm_lock();
    uint32_t count = 0;
    struct flush flush;
    flush_begin(&flush, &space->table);
    struct table_run run;
    bool goes_on = true;
    for (uintptr_t at = 0; goes_on && table_run_next(&space->table, &at, USER_END, &run);) {
        count += run_grow_older(run, &flush);
        goes_on = !rests || sample_rest(space, &flush);
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
    struct table_run run;
    for (uintptr_t at = region->start;
         table_run_next(&space->table, &at, region->end, &run);)
        for (unsigned i = 0; i < run.count; i++)
            count += entry_counts(run.entries[i]) && workingset_has(run.entries[i]);
    return count;
}

uint32_t workingset_count(const struct space *space)
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
static bool used_later(const struct group *group, uint64_t number)
{
    struct reference of, later;
    reference_string_get(group, number, &of);
    while (reference_string_get(group, ++number, &later))
        if (same_page(&of, &later))
            return true;
    return false;
}

bool workingset_next(const struct group *group, uint32_t window, uint64_t *at,
                     struct reference *reference)
{
    uint64_t end = reference_string_next(group), first = reference_string_first(group);
    if (end - first > window)
        first = end - window;
    if (*at < first)
        *at = first;
    while (*at < end && used_later(group, *at))
        ++*at;
    return reference_string_get(group, (*at)++, reference);
}
