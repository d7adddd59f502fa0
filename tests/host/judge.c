/* tests/host/judge.c - who may be ended, and when.  See judge.h. */
#include "tests/host/judge.h"

#include "mm/address_spaces/space.h"
#include "mm/demand_paging/page.h"
#include "mm/frame_allocation/oom.h"
#include "mm/frame_allocation/shares.h"
#include "mm/frames/account.h"
#include "mm/page_tables/mapper.h"
#include "mm/replacement/harvest.h"
#include "mm/replacement/swap.h"
#include "mm/view.h"
#include "tests/host/above.h"
#include "tests/host/machine.h"

uint64_t judge_pinned;

uint64_t judge_held(struct space *space)
{
    uint64_t held = space->table.frames;
    struct page_view view;
    for (uintptr_t at = 0; view_next_locked(space, at, &view);
         at = view.address + PAGE_SIZE) {
        if (!page_is(view.page))
            continue;
        bool kept = slot_is(page_get(view.page)->slot);
        held += pte_is_present(view.pte) || (kept && !frame_is(view.frame));
    }
    return held;
}

/* --- What could go ---------------------------------------------------------------------- */

static bool frame_still(frame_t frame)
{
    return frame_get(frame)->state == FRAME_RESIDENT && frame_get(frame)->pins == 0;
}

/* A slot that is free, or that can be taken back. */
static bool slot_to_be_had(void)
{
    if (swap_counts.used + swap_counts.retired < swap_counts.total)
        return true;
    for (frame_t at = {0}; at.number < nframes; at.number++)
        if (frame_still(at) && slot_is(page_get(frame_get(at)->page)->slot))
            return true;
    return false;
}

/* May its page be dropped, since it is found again without a slot of its own? */
static bool needs_no_writing(frame_t frame)
{
    const struct page *page = page_get(frame_get(frame)->page);
    if (frame_get(frame)->dirty || harvest_modified(frame))
        return false;
    uint32_t mappers = 0;
    for (mapper_t at = frame_get(frame)->mappers; mapper_is(at); at = mapper_link(at)->next)
        mappers++;
    return page->object != NULL || slot_is(page->slot) || page->holders == mappers;
}

static bool frame_of(frame_t frame, uint16_t group)
{
    return (frame_get(frame)->admitted || frame_get(frame)->state == FRAME_BUSY) &&
           (group == OOM_ANYBODY || frame_get(frame)->group == group);
}

/* Not of a share, which is taken from for nobody else. */
static bool frame_is_nobodys(frame_t frame, uint16_t group)
{
    return frame_of(frame, group) &&
           (group != OOM_ANYBODY || shares_excess(&groups[frame_get(frame)->group]) > 0);
}

frame_t judge_evictable(uint16_t group)
{
    bool slot = slot_to_be_had();
    for (frame_t at = {0}; at.number < nframes; at.number++)
        if (frame_is_nobodys(at, group) && frame_still(at) &&
            (slot || slot_is(page_get(frame_get(at)->page)->slot) || needs_no_writing(at)))
            return at;
    return FRAME_NONE;
}

static frame_t frame_in_state(uint16_t group, enum frame_state state)
{
    for (frame_t at = {0}; at.number < nframes; at.number++)
        if (frame_of(at, group) && !frame_still(at) && frame_get(at)->state == state)
            return at;
    return FRAME_NONE;
}

/* --- The verdict ------------------------------------------------------------------------- */

static bool concerned(const struct space *space, uint16_t group)
{
    return group == OOM_ANYBODY || space->group == group;
}

/* As many as forks may want at once. */
static uint32_t tables(void)
{
    uint32_t count = 0;
    for (struct space *space = space_first; space != NULL; space = space->next)
        count += space->table.frames;
    return count;
}

static uint64_t most_held(uint16_t group)
{
    uint64_t most = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        uint64_t held =
            concerned(space, group) && !space->essential ? judge_held(space) : 0;
        most = held > most ? held : most;
    }
    return most;
}

/* --- Families (mm/frames/account.h), counted by their pages and from below ------------ */

#define SMALL_PART 16

/* Somebody holds it, or it is pinned until somebody's read is over. */
static bool page_is_somebodys(page_t id)
{
    const struct page *page = page_get(id);
    return page->holders > 0 ||
           (frame_is(page->frame) && page_same(frame_get(page->frame)->page, id) &&
            frame_get(page->frame)->pins > 0);
}

static uint64_t account_holds(const struct account *account)
{
    uint64_t held = account->held[ACCOUNT_FRAMES] + account->held[ACCOUNT_STACKS];
    for (page_t page = {0}; page.id < npages; page.id++)
        held += page_get(page)->account == account && page_is_somebodys(page);
    for (const struct space *at = space_first; at != NULL; at = at->next)
        held += at->account == account ? at->table.frames : 0;
    return held * PAGE_SIZE + account->held[ACCOUNT_BYTES] + sizeof(*account);
}

static bool descends(const struct account *account, const struct account *from)
{
    while (account != NULL && account != from)
        account = account->parent;
    return account != NULL;
}

/* Is there anybody of the family who could end? */
static bool family_lives(const struct account *family)
{
    for (const struct space *at = space_first; at != NULL; at = at->next)
        if (!at->essential && descends(at->account, family))
            return true;
    return false;
}

static uint64_t family_holds(const struct account *family)
{
    uint64_t held = 0;
    for (const struct account *at = account_first; at != &kernel_account; at = at->next)
        held += descends(at, family) && family_lives(at) ? account_holds(at) : 0;
    return held;
}

/* What is its alone. */
static uint64_t process_holds(struct space *space)
{
    uint64_t held = space->table.frames;
    struct page_view view;
    for (uintptr_t at = 0; view_next_locked(space, at, &view);
         at = view.address + PAGE_SIZE) {
        if (page_is(view.page))
            held += view.holders - (page_get(view.page)->object != NULL) == 1;
    }
    return held * PAGE_SIZE;
}

/* What stands against what: the branches in which two spaces are, where they part. */
static uint64_t branch_holds(struct space *space, const struct space *other)
{
    struct account *top = space->account;
    while (!descends(other->account, top))
        top = top->parent;
    const struct account *branch = account_branch(space->account, top);
    return branch != NULL ? family_holds(branch) : process_holds(space);
}

/* One ends, and another does not that is of a heavier branch: then those who end must be
 * small, and together be more than that branch. */
static void judge_family(struct space *ends, struct space *stays)
{
    uint64_t one = branch_holds(ends, stays), other = branch_holds(stays, ends);
    if (one >= other || stays == stays->account->first || stays->essential)
        return;
    uint64_t small = family_holds(&kernel_account) / SMALL_PART;
    struct account *top = ends->account;
    while (!descends(stays->account, top))
        top = top->parent;
    if (one >= small || family_holds(top) - other < other)
        host_fail("space %u must end, and its branch holds %lu; that of space %u holds %lu",
                  ends->id, one, stays->id, other);
}

/* Every one of `ended` against every one that was not. */
static void judge_families(struct space *const ended[], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (struct space *at = space_first; at != NULL; at = at->next)
            if (!at->ending)
                judge_family(ended[i], at);
}

static unsigned all_ending(struct space *ending[], unsigned most)
{
    unsigned count = 0;
    for (struct space *at = space_first; at != NULL && count < most; at = at->next)
        if (at->ending)
            ending[count++] = at;
    return count;
}

void __real_oom_relieve(uint16_t group);
void __wrap_oom_relieve(uint16_t group);

void __wrap_oom_relieve(uint16_t group)
{
    unsigned kills = host_kills;
    frame_t could_go = judge_evictable(group);
    uint64_t most = group == OOM_ANYBODY ? 0 : most_held(group);
    frame_t pinned = frame_in_state(group, FRAME_RESIDENT);
    frame_t moving = frame_in_state(group, FRAME_BUSY);
    __real_oom_relieve(group);
    if (host_kills == kills || processor_count > 1) /* else others may have written since */
        return;
    judge_pinned += frame_is(pinned);
    if (frame_is(moving))
        host_fail(
            "space %u must end for want of memory in group %u, and frame %u is on its "
            "way",
            host_killed->id, group, moving.number);
    if (frame_is(could_go))
        host_fail(
            "space %u must end for want of memory in group %u, and frame %u (group %u, "
            "page %u) could go",
            host_killed->id, group, could_go.number, frame_get(could_go)->group,
            frame_get(could_go)->page.id);
    if (group == OOM_ANYBODY && frame_counts.free >= frame_watermarks.high + tables())
        host_fail("space %u must end for want of memory, and %u frames are free",
                  host_killed->id, frame_counts.free);
    if (group != OOM_ANYBODY && judge_held(host_killed) != most)
        host_fail("space %u must end, and holds %lu; another holds %lu", host_killed->id,
                  judge_held(host_killed), most);
    struct space *ended[16];
    if (group == OOM_ANYBODY)
        judge_families(ended, all_ending(ended, ARRAY_SIZE(ended)));
}
