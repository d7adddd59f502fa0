/* tests/host/policy_stand.c - see policy_stand.h for the idea. */
#include "tests/host/policy_stand.h"
#include "mm/demand_paging/page.h"
#include "mm/trace.h"

#include <stdlib.h>
#include <string.h>

struct frame *frames;
struct page *pages;
uint32_t nframes, npages = STAND_PAGES; /* or fewer, before it begins */
struct group groups[GROUPS_MAX];
bool trace_on;

uint64_t stand_written;
struct group *stand_group = &groups[STAND_GROUP];

/* The bits of a frame, as harvested: R for the policy, and the same for the next tick. */
static struct bits {
    bool referenced, referenced_tick, modified, pinned;
} * bits;

void above_trace(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
                 frame_t frame, uint64_t detail)
{
    (void)event, (void)space, (void)address, (void)page, (void)frame, (void)detail;
}

/* --- What a policy may ask ------------------------------------------------------------------- */

bool policy_test_referenced(frame_t frame)
{
    stand_asked(frame, "policy_test_referenced", __builtin_return_address(0));
    bool referenced = bits[frame.number].referenced;
    bits[frame.number].referenced = false;
    return referenced;
}

bool policy_test_modified(frame_t frame)
{
    stand_asked(frame, "policy_test_modified", __builtin_return_address(0));
    return bits[frame.number].modified;
}

bool policy_may_evict(frame_t frame)
{
    stand_asked(frame, "policy_may_evict", __builtin_return_address(0));
    return !bits[frame.number].pinned;
}

/* --- What it is told ------------------------------------------------------------------------- */

static void call_admit(frame_t frame)
{
    stand_calls("admit", (const void *)stand_group->policy->admit);
    stand_group->policy->admit(stand_group, frame);
    stand_called();
}

static void call_referenced(frame_t frame)
{
    if (stand_group->policy->referenced == NULL)
        return;
    stand_calls("referenced", (const void *)stand_group->policy->referenced);
    stand_group->policy->referenced(stand_group, frame);
    stand_called();
}

static void call_remove(frame_t frame)
{
    stand_calls("remove", (const void *)stand_group->policy->remove);
    stand_group->policy->remove(stand_group, frame);
    stand_called();
}

static frame_t call_victim(void)
{
    stand_calls("victim", (const void *)stand_group->policy->victim);
    frame_t frame = stand_group->policy->victim(stand_group);
    stand_called();
    return frame;
}

/* --- The order of events --------------------------------------------------------------------- */

static void tick(void)
{
    stand_group->ticks++;
    for (uint32_t number = 0; number < stand_group->limit; number++) {
        if (!frames[number].admitted)
            continue;
        bool referenced = bits[number].referenced_tick;
        frames[number].history = frames[number].history >> 1 | (referenced ? 1u << 31 : 0);
        bits[number].referenced_tick = false;
        if (referenced && stand_group->hooks == NULL)
            call_referenced((frame_t){number});
    }
}

/* The frame is the policy's no more. */
static void leave(frame_t frame)
{
    frames[frame.number].admitted = false;
    call_remove(frame);
    pages[frames[frame.number].page.id].frame = FRAME_NONE;
    stand_group->charged--;
}

static uint32_t count_that_may_go(void)
{
    uint32_t count = 0;
    for (uint32_t number = 0; number < stand_group->limit; number++)
        count += frames[number].admitted && !bits[number].pinned;
    return count;
}

/* It is one that the policy may name. */
static void check_victim(frame_t frame)
{
    if (!frame_is(frame)) {
        stand_broken("victim() names a frame as long as one may go",
                     "it named none, though %u may go", count_that_may_go());
    }
    if (frame.number >= nframes)
        stand_broken("victim() names a frame of its group",
                     "it named frame %u, of %u that there are", frame.number, nframes);
    if (frames[frame.number].group != STAND_GROUP)
        stand_broken("victim() names a frame of its group",
                     "it named frame %u, which another group has", frame.number);
    if (!frames[frame.number].admitted)
        stand_broken("a frame is the policy's no more once remove() was called",
                     "victim() named frame %u, after remove()", frame.number);
    if (bits[frame.number].pinned)
        stand_broken("victim() names a frame that policy_may_evict() allows",
                     "it named frame %u, which is pinned", frame.number);
}

/* False: all pages are pinned. A page never written has nothing to come back to. */
static bool evict(void)
{
    frame_t frame = call_victim();
    if (!frame_is(frame) && count_that_may_go() == 0)
        return false;
    check_victim(frame);
    uint32_t id = frames[frame.number].page.id;
    leave(frame);
    pages[id].evicted_at = (uint32_t)stand_group->faults;
    if (bits[frame.number].modified) {
        stand_written++;
        pages[id].slot = (slot_t){id};
    } else if (!slot_is(pages[id].slot)) {
        pages[id].ghost = pages[id].evicted_at = 0;
    }
    stand_victim(id);
    return true;
}

static bool fault(uint32_t id)
{
    stand_group->faults++;
    if (stand_group->tick_period != 0 &&
        stand_group->faults % stand_group->tick_period == 0)
        tick();
    if (stand_group->charged >= stand_group->limit && !evict())
        return false;
    uint32_t number = 0;
    while (frames[number].admitted)
        number++;
    memset(&bits[number], 0, sizeof bits[number]);
    frames[number] = (struct frame){
        .state = FRAME_RESIDENT, .admitted = true, .group = STAND_GROUP, .page = {id}};
    frames[number].next = frames[number].previous = FRAME_NONE;
    frames[number].policy = 0xfa17u; /* whatever was in it */
    pages[id].frame = (frame_t){number};
    stand_group->charged++;
    call_admit((frame_t){number});
    return true;
}

static void reference(uint32_t id, bool write)
{
    if (!frame_is(pages[id].frame) && !fault(id))
        return;
    struct bits *bit = &bits[pages[id].frame.number];
    bit->referenced = bit->referenced_tick = true;
    bit->modified |= write;
    if (stand_group->hooks != NULL)
        call_referenced(pages[id].frame);
}

/* A page ends: it has no contents any more, resident or not. */
static void end(uint32_t id)
{
    if (frame_is(pages[id].frame))
        leave(pages[id].frame);
    pages[id].ghost = pages[id].evicted_at = 0;
    pages[id].slot = SLOT_NONE;
}

void stand_obey(uint32_t page, char what)
{
    if (what == 'x')
        end(page);
    else if (what != 'p' && what != 'u')
        reference(page, what != 'r');
    else if (frame_is(pages[page].frame))
        bits[pages[page].frame.number].pinned = what == 'p';
}

/* --- Beginning and end ----------------------------------------------------------------------- */

/* Each reference is seen; by whom does not matter. */
static const struct group_hooks tracer;

void stand_begin(const struct policy *policy, uint32_t limit, uint32_t others, bool exact,
                 uint32_t tick_period)
{
    memset(stand_group, 0, sizeof *stand_group);
    stand_group->policy = policy;
    stand_group->limit = limit;
    stand_group->hooks = exact ? &tracer : NULL;
    stand_group->tick_period = tick_period;
    nframes = limit + others;
    frames = calloc(nframes, sizeof *frames);
    bits = calloc(nframes, sizeof *bits);
    pages = calloc(npages, sizeof *pages);
    for (uint32_t id = 0; id < npages; id++)
        pages[id] = (struct page){.frame = FRAME_NONE, .slot = SLOT_NONE};
    for (uint32_t number = limit; number < nframes; number++)
        frames[number] =
            (struct frame){.state = FRAME_RESIDENT, .admitted = true, .group = STAND_OTHER};
    stand_written = 0;
    stand_calls("open", (const void *)policy->open);
    policy->open(stand_group);
    stand_called();
}

void stand_end(void)
{
    free(frames);
    free(bits);
    free(pages);
}
