/* mm/address_spaces/space.c - address spaces: begun, loaded, looked at, taken down.
 *
 * Logical memory apart from physical: a space is what a process believes memory to be.
 * Every process has the same addresses, and none can name what belongs to another. The
 * kernel's half is the same in every space, and no user code can reach it. */
#include "mm/address_spaces/space.h"

#include "mm/above.h"
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/shared_code.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/trace.h"

static struct slab_cache space_cache = SLAB_CACHE("space", struct space);

struct space *space_first;

struct space *space_create(struct account *account)
{
    static uint32_t last_id;
    struct space *space = slab_take_for(&space_cache, account);
    if (space == NULL)
        return NULL;
    frame_t root = table_root_create();
    if (!frame_is(root)) {
        slab_give_locked(&space_cache, space);
        return NULL;
    }
    space->account = account;
    account_join(account, space);
    account_charge(account, ACCOUNT_TABLES, 1); /* the root */
    space->id = ++last_id;
    space->table =
        (struct page_table){.root = root, .frames = 1, .id = space->id, .account = account};
    space->references = 1;
    space->group = GROUP_ALL;
    space->promised_limit = space->data_limit = UINT64_MAX;
    trace(TRACE_SPACE, space->id, 0, PAGE_NONE, space->table.root, space->group);
    space->next = space_first;
    if (space_first != NULL)
        space_first->previous = space;
    space_first = space;
    return space;
}

struct space *space_open(struct account *parent)
{
    struct space *space = NULL;
    mm_lock();
    struct account *account = account_create(parent);
    if (account != NULL) {
        /* So that it stays, with or without a space, until the next line but one. */
        account_charge(account, ACCOUNT_BYTES, 1);
        space = space_create(account);
        account_uncharge(account, ACCOUNT_BYTES, 1);
    }
    mm_unlock();
    return space;
}

bool space_shows(const struct space *space, uintptr_t address)
{
    return frame_is(shared_code_frame(space, address));
}

bool space_show_too(struct space *child, const struct space *parent)
{
    return shared_code_copy(parent, child);
}

void space_hold_locked(struct space *space)
{
    space->references++;
}

void space_hold(struct space *space)
{
    mm_lock();
    space_hold_locked(space);
    mm_unlock();
}

void space_forget(struct space *space, uintptr_t start, uintptr_t end, struct flush *flush)
{
    struct position at;
    position_begin(&at, &space->table, start, end);
    while (position_enter(&at)) {
        trace_range(TRACE_DISCARD, space->id, at.first, at.stop - at.first);
        for (; position_find_here(&at); position_step(&at))
            page_forget_entry(&at, flush);
        position_trim(&at, flush);
        change_pause_stretch(space, flush, &at);
    }
}

void space_unmap_region(struct space *space, struct region *region, struct flush *flush)
{
    space_forget(space, region->start, region->end, flush);
    trace_range(TRACE_UNMAP, space->id, region->start, region->end - region->start);
    region_remove(space, region);
}

/* Nobody has it any more: all that it holds goes, with pauses. */
static void space_end(struct space *space) REQUIRES(mm)
{
    if (frame_same(root_loaded(), space->table.root))
        space_load(NULL);
    flush_whole(&space->table);
    bool ending = space->ending;
    space->ending = true; /* in a pause, nobody who runs short of frames need end anybody */
    struct flush flush;
    flush_begin(&flush, &space->table);
    shared_code_unmap(space, &flush);
    while (space->first != NULL) {
        struct region *region = space->first;
        space_unmap_region(space, region, &flush);
        region_destroy(region);
        change_pause(space, &flush, WORK_OF_REGION);
    }
    flush_end(&flush);
    trace_range(TRACE_SPACE_END, space->id, 0, 0);
    table_root_free(space->table.root);
    *(space->previous != NULL ? &space->previous->next : &space_first) = space->next;
    if (space->next != NULL)
        space->next->previous = space->previous;
    if (ending || space->changing)
        above_wake(&frame_counts); /* whoever waits for its frames looks again */
    account_uncharge(space->account, ACCOUNT_TABLES, 1);
    account_leave(space->account, space);
    slab_give_locked(&space_cache, space);
}

void space_release(struct space *space)
{
    mm_lock();
    ASSERT(space->references > 0);
    if (--space->references == 0)
        space_end(space);
    mm_unlock();
}

static __attribute__((noinline)) void load_and_tell(uint32_t space, frame_t root)
{
    root_load(root);
    trace_range(TRACE_LOAD, space, 0, 0);
}

void space_rest(void)
{
    group_current = GROUP_ALL;
    account_current = &kernel_account;
}

static __attribute__((noinline)) void load_no_space(void)
{
    space_rest();
    if (several_processors())
        load_and_tell(0, kernel_root());
    else
        root_load(kernel_root());
}

void space_come_back(const struct space *space)
{
    if (space == NULL || !frame_same(root_loaded(), space->table.root))
        return;
    group_current = space->group;
    account_current = space->account;
}

/* At each switch: with one processor it calls nothing that it comes back from. */
void space_load(struct space *space)
{
    if (space == NULL) {
        load_no_space();
        return;
    }
    group_current = space->group;
    account_current = space->account;
    if (several_processors())
        load_and_tell(space->id, space->table.root);
    else
        root_load(space->table.root);
}
