/* mm/demand_paging/space_fork.c - fork: a second space out of one, without copying a page.
 *
 * Most children call exec at once; copying the parent's memory for them would be waste. So
 * the child gets a copy of the page *table*: both see the same frames, and the entries of
 * private pages lose the right to write, on both sides. The first write by either faults,
 * and only then is that one page copied (step 5 of fault.c): copy-on-write.
 *
 * The parent's processor may remember that it could write: its translations are flushed
 * before either side runs (X86-CHECKLIST 8). */
#include "mm/demand_paging/space_fork.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

/* At most, of a region in a slab. */
#define REGION_ROOM (sizeof(struct region) + 32)

/* One entry of the child's, from one of the parent's. True if the parent lost a right. */
static bool fork_entry(pte_t *parent, pte_t *child, bool shared) REQUIRES(mm)
{
    pte_t old = *parent;
    if (!pte_is_present(old)) {
        page_hold(pte_page(old));
        *child = (pte_t){old.bits | PTE_AGE};
        return false;
    }
    bool downgrade = !shared && pte_is_writable(old);
    if (downgrade)
        pte_clear_bits(parent, PTE_WRITABLE);
    uint64_t lost = PTE_REFERENCED | PTE_DIRTY | PTE_WIRED | (shared ? 0 : PTE_WRITABLE);
    if (!pte_is_zero_page(old)) {
        struct frame *frame = frame_get(pte_frame(old));
        page_hold(frame->page);
        mapper_add(mapper_of(child), frame);
    }
    *child = (pte_t){(old.bits & ~lost) | PTE_AGE}; /* it has used nothing yet */
    return downgrade;
}

/* Where the last entries were copied: neighbouring regions mostly lie in one table, which is then
 * not looked up again. Forgotten when others have run. */
struct fork_place {
    uintptr_t span;          /* of the tables, TABLE_SPAN long */
    pte_t *parents, *childs; /* the tables; NULL: none is known */
};

/* The next run of the parent's. */
static bool fork_next(const struct space *parent, uintptr_t *at, uintptr_t end,
                      struct table_run *run, struct fork_place *last) REQUIRES(mm)
{
    uintptr_t span = *at & ~(TABLE_SPAN - 1);
    if (*at < end && last->parents != NULL && last->span == span) {
        uintptr_t stop = end - span < TABLE_SPAN ? end : span + TABLE_SPAN;
        unsigned first = (*at - span) / PAGE_SIZE;
        *run = (struct table_run){*at, &last->parents[first], (stop - *at) / PAGE_SIZE};
        *at = stop;
        return true;
    }
    if (!table_run_next(&parent->table, at, end, run))
        return false;
    last->span = run->address & ~(TABLE_SPAN - 1);
    last->parents = run->entries - (run->address - last->span) / PAGE_SIZE;
    last->childs = NULL;
    return true;
}

/* The child's entries for a run of the parent's. NULL: no frame for a table. */
static pte_t *fork_entries(struct space *child, const struct table_run *run,
                           struct fork_place *last) REQUIRES(mm)
{
    unsigned first = (run->address - last->span) / PAGE_SIZE;
    if (last->childs == NULL) {
        pte_t *entries = table_build(&child->table, run->address);
        if (entries == NULL)
            return NULL;
        last->childs = entries - first;
    }
    return &last->childs[first];
}

/* The entries of one run. False: no frame for the child's table. */
static bool fork_run(struct space *child, const struct region *region,
                     const struct table_run *run, struct flush *flush,
                     struct fork_place *last) REQUIRES(mm)
{
    pte_t *entries = NULL;
    unsigned used = 0, present = 0;
    for (unsigned i = 0; i < run->count; i++) {
        if (pte_is_zero(run->entries[i]))
            continue;
        if (entries == NULL) {
            entries = fork_entries(child, run, last);
            if (entries == NULL)
                return false;
        }
        if (fork_entry(&run->entries[i], &entries[i], region->shared))
            flush_add(flush, run->address + i * PAGE_SIZE);
        used++;
        present += pte_is_present(entries[i]) && !pte_is_zero_page(entries[i]);
    }
    if (entries != NULL) {
        frame_get(frame_of_data(entries))->used += used;
        frame_get(frame_of_data(entries))->present += present;
        child->resident_bound += present;
    }
    return true;
}

/* Frames that the copy can still need: its tables, and slabs of regions. */
static uint32_t fork_frames(const struct space *parent, const struct space *child)
{
    uint32_t tables = child != NULL ? child->table.frames : 0;
    return (parent->table.frames > tables ? parent->table.frames - tables : 0) +
           parent->region_count / (PAGE_SIZE / REGION_ROOM) + 2;
}

/* All of them are there before it begins. This may sleep, and the parent's other threads build and
 * map more meanwhile. */
static bool fork_reserve(struct space *parent) REQUIRES(mm)
{
    uint32_t count;
    bool reserved, waited;
    do {
        count = fork_frames(parent, NULL);
        reserved = pageout_reserve_gently(count);
        waited = parent->changing; /* by another, who is to end that */
        if (waited)
            change_await(parent);
    } while (reserved && (waited || fork_frames(parent, NULL) > count));
    return reserved;
}

/* Others have run; they may have taken what was there. */
static bool fork_pause(struct space *parent, const struct space *child, struct flush *flush,
                       unsigned work, struct fork_place *last) REQUIRES(mm)
{
    if (!change_pause(parent, flush, work))
        return true;
    last->parents = NULL;
    return pageout_reserve_by_eviction(fork_frames(parent, child));
}

/* The entries of [start, end) have been copied. */
static inline void fork_tell(const struct space *parent, const struct space *child,
                             const struct region *region, uintptr_t start, uintptr_t end)
{
    trace(TRACE_FORK, parent->id, start, (page_t){child->id}, FRAME_NONE,
          (end - start) | (region->shared ? TRACE_MAP_SHARED : 0));
}

static bool fork_region(struct space *parent, struct space *child, struct region *region,
                        struct flush *flush, struct fork_place *last) REQUIRES(mm)
{
    if (region->not_forked)
        return true;
    struct region *copy = promise_allows_copy(region) ? region_create(child) : NULL;
    if (copy == NULL)
        return false;
    *copy = *region;
    copy->wired = false;
    if (copy->object != NULL)
        object_hold_locked(copy->object);
    region_insert(child, copy);
    region_trace(TRACE_MAP, child->id, copy);
    if (region->wiped)
        return true;
    struct table_run run;
    uintptr_t told = region->start;
    for (uintptr_t at = told; fork_next(parent, &at, region->end, &run, last);) {
        if (!fork_run(child, region, &run, flush, last))
            return false;
        if (at == region->end)
            break;
        fork_tell(parent, child, region, told, at); /* what others see, if they run now */
        told = at;
        if (!fork_pause(parent, child, flush, run.count, last))
            return false;
    }
    fork_tell(parent, child, region, told, region->end);
    return true;
}

struct space *space_fork(struct space *parent)
{
    change_begin(parent);
    struct space *child = fork_reserve(parent) ? space_create(parent->account) : NULL;
    if (child == NULL) {
        change_end(parent);
        return NULL;
    }
    child->essential = true; /* there is nobody yet who could end for it */
    bool copied = true;
    child->heap_start = parent->heap_start;
    child->heap_end = parent->heap_end;
    child->stack_most = parent->stack_most;
    child->promised_limit = parent->promised_limit;
    child->data_limit = parent->data_limit;
    child->group = parent->group;
    child->oom_adjust = parent->oom_adjust;
    trace_range(TRACE_JOIN, child->id, 0, child->group);
    struct fork_place last = {.parents = NULL};
    struct flush flush;
    flush_begin(&flush, &parent->table);
    for (struct region *region = parent->first; region != NULL && copied;
         region = region->next)
        copied = fork_region(parent, child, region, &flush, &last) &&
                 fork_pause(parent, child, &flush, WORK_OF_REGION, &last);
    flush_end(&flush);
    child->essential = false;
    change_end(parent);
    if (!copied) {
        space_release(child);
        return NULL;
    }
    group_brought(child, 0, USER_END);
    return child;
}
