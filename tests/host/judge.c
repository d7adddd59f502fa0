/* tests/host/judge.c - who may be ended, and when.  See judge.h. */
#include "tests/host/judge.h"

#include "mm/account.h"
#include "mm/harvest.h"
#include "mm/mapper.h"
#include "mm/more/shares.h"
#include "mm/oom.h"
#include "mm/space.h"
#include "mm/swap.h"
#include "tests/host/above.h"
#include "tests/host/machine.h"

uint64_t judge_pinned;

uint64_t judge_held(struct space *space)
{
    uint64_t held = space->tables;
    struct page_view view;
    for (uintptr_t at = 0; space_view_next(space, at, &view);
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
        count += space->tables;
    return count;
}

/* Who is asked for a group at its limit is a process; else it is a program, counted whole. */
static uint64_t held_by(struct space *space, uint16_t group)
{
    if (group != OOM_ANYBODY)
        return judge_held(space);
    const struct account *account = space->account;
    uint64_t held = account->held[ACCOUNT_FRAMES] + account->held[ACCOUNT_STACKS] +
                    account->held[ACCOUNT_BYTES] / PAGE_SIZE;
    for (page_t page = {0}; page.id < npages; page.id++)
        held += page_get(page)->holders > 0 && page_get(page)->account == account;
    for (const struct space *at = space_first; at != NULL; at = at->next)
        held += at->account == account ? at->tables : 0;
    return held;
}

static uint64_t most_held(uint16_t group)
{
    uint64_t most = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        uint64_t held =
            concerned(space, group) && !space->essential ? held_by(space, group) : 0;
        most = held > most ? held : most;
    }
    return most;
}

void __real_oom_relieve(uint16_t group);
void __wrap_oom_relieve(uint16_t group);

void __wrap_oom_relieve(uint16_t group)
{
    unsigned kills = host_kills;
    frame_t could_go = judge_evictable(group);
    uint64_t most = most_held(group);
    frame_t pinned = frame_in_state(group, FRAME_RESIDENT);
    frame_t moving = frame_in_state(group, FRAME_BUSY);
    __real_oom_relieve(group);
    if (host_kills == kills)
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
    if (held_by(host_killed, group) != most)
        host_fail("space %u must end, and holds %lu; another holds %lu", host_killed->id,
                  held_by(host_killed, group), most);
}
