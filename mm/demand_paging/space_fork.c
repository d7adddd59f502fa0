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

/* Where the last entries were copied from, and to. Neighbouring regions mostly lie in one table,
 * which is then not looked up again; unless others have run. */
struct fork_places {
    struct position parent, child;
    bool copied; /* an entry of this region */
};

/* How many frames the child takes, in fork itself, for a page of the parent's: so many for each are
 * there before fork begins, and at every pause. */
static inline uint32_t fork_page_frames(void)
{
    return 0;
}

/* The parent's entry is present, the child's is zero. The child's is set, so that both see the
 * same; what one of them writes later the other does not see, unless the region is shared. Who
 * has an entry for a page holds it (page_hold); the zero page is no page. The child has used
 * nothing yet, and wires nothing: it does not inherit the bits R, M and wired, nor age. Where the
 * parent loses a right, its processor must forget it: flush_add. Nothing sleeps here. False: there
 * was none of the frames that it wants (fork_page_frames); the caller then takes the child down
 * again. */
static bool fork_entry(const struct position *parent, const struct position *child,
                       const struct region *region, struct flush *flush) REQUIRES(mm)
{
    pte_t old = position_read(parent);
    if (!region->shared && pte_is_writable(old)) {
        position_clear_bits(parent, PTE_WRITABLE);
        flush_add(flush, position_address(parent));
    }
    uint64_t lost =
        PTE_REFERENCED | PTE_DIRTY | PTE_WIRED | (region->shared ? 0 : PTE_WRITABLE);
    if (!pte_is_zero_page(old))
        page_hold(frame_get(pte_frame(old))->page);
    /* It has used nothing yet. */
    position_copy(child, old, lost, PTE_AGE);
    return true;
}

/* The same for a page that the parent's entry only names: the child's names it, too. */
static void fork_name(const struct position *parent, const struct position *child)
    REQUIRES(mm)
{
    pte_t old = position_read(parent);
    page_hold(pte_page(old));
    position_copy(child, old, 0, PTE_AGE);
}

/* The entries of one stretch. False: no frame for the child's table, or for an entry. */
static bool fork_stretch(struct space *child, const struct region *region,
                         struct fork_places *at, struct flush *flush) REQUIRES(mm)
{
    struct position *from = &at->parent, *to = &at->child;
    bool near = position_near(to, from->first);
    at->copied |= position_find_here(from);
    for (; position_find_here(from); position_step(from)) {
        if (near)
            position_beside(to, from);
        else if (!position_build(to, &child->table, position_address(from)))
            return false;
        near = true;
        if (!pte_is_present(position_read(from)))
            fork_name(from, to);
        else if (!fork_entry(from, to, region, flush))
            return false;
    }
    return true;
}

static uint32_t fork_rest(uint32_t of_parent, uint32_t of_child)
{
    return of_parent > of_child ? of_parent - of_child : 0;
}

/* Frames that the copy can still need: for tables and pages that the child has not got yet, and
 * slabs of regions. */
static uint32_t fork_frames(const struct space *parent, const struct space *child)
{
    uint32_t tables = parent->table.frames, pages = parent->table.resident_bound;
    if (child != NULL) {
        tables = fork_rest(tables, child->table.frames);
        pages = fork_rest(pages, child->table.resident_bound);
    }
    return tables + pages * fork_page_frames() +
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
                       unsigned work, struct fork_places *at) REQUIRES(mm)
{
    if (!change_pause(parent, flush, work))
        return true;
    position_again(&at->parent);
    position_again(&at->child);
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
                        struct flush *flush, struct fork_places *at) REQUIRES(mm)
{
    if (region->not_forked)
        return true;
    struct region *copy = promise_allows_copy(region) ? region_create(child) : NULL;
    if (copy == NULL)
        return false;
    *copy = *region;
    copy->wired = false;
    at->copied = false;
    if (copy->object != NULL)
        object_hold_locked(copy->object);
    region_insert(child, copy);
    region_trace(TRACE_MAP, child->id, copy);
    if (region->wiped)
        return true;
    struct position *from = &at->parent;
    uintptr_t told = region->start;
    bool more = position_enter_range(from, region->start, region->end);
    for (; more; more = position_enter(from)) {
        if (!fork_stretch(child, region, at, flush))
            return false;
        change_work += from->work;
        if (position_is_last(from))
            break;
        fork_tell(parent, child, region, told, from->stop); /* others may run now */
        told = from->stop;
        if (!fork_pause(parent, child, flush, 0, at))
            return false;
    }
    fork_tell(parent, child, region, told, region->end);
    if (region->object == NULL && at->copied)
        region_find(child, region->start)->inherited = true;
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
    struct fork_places at = {.child = {.entry = NULL, .last = NULL}};
    position_begin(&at.parent, &parent->table, 0, 0);
    struct flush flush;
    flush_begin(&flush, &parent->table);
    for (struct region *region = parent->first; region != NULL && copied;
         region = region->next)
        copied = fork_region(parent, child, region, &flush, &at) &&
                 fork_pause(parent, child, &flush, WORK_OF_REGION, &at);
    copied = copied && space_show_too(child, parent);
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
