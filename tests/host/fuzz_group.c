/* tests/host/fuzz_group.c - who competes with whom, by which policy; what may not go; and
 * what the swap area is like just now. */
#include "lib/errno.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frame_allocation/shares.h"
#include "mm/frames/record.h"
#include "mm/lock.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/policy.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/washing.h"
#include "mm/trace.h"
#include "mm/view.h"
#include "mm/working_sets/working_set.h"
#include "tests/host/fuzz.h"

/* --- Groups ----------------------------------------------------------------------------- */

#define FUZZ_GROUPS 6

static struct fuzz_group {
    struct group *real;
    unsigned busy; /* threads asleep in a call about it: it may not be destroyed */
} fuzz_groups[FUZZ_GROUPS];

static struct fuzz_group *group_any(void)
{
    struct fuzz_group *group = &fuzz_groups[choose(FUZZ_GROUPS)];
    return group->real != NULL ? group : NULL;
}

static const struct policy *policy_any(void)
{
    unsigned count = 0;
    while (policies[count] != NULL)
        count++;
    return policies[choose(count)];
}

/* A group whose share was lowered may have more for a while… */
void fuzz_groups_check(void)
{
    for (unsigned i = 0; i < group_count && processors_mm_is_free(); i++) {
        const struct group *group = &groups[i];
        if (group->in_use && group->share == 0 && group->charged > group->limit)
            host_fail("group %u has %u frames of %u", i, group->charged, group->limit);
    }
}

/* …but gets no more meanwhile: what its limit is when it gets a frame, nobody can tell later. */
void fuzz_groups_trace(const struct trace_record *record)
{
    if (record->event != TRACE_NEW && record->event != TRACE_RESCUE &&
        record->event != TRACE_PAGE_IN)
        return;
    const struct group *group = &groups[record->detail];
    uint32_t charged = group->charged;
    if (record->event != TRACE_NEW)
        charged++; /* told before it is charged */
    if (charged > group->limit)
        host_fail("group %lu gets a frame, its %uth, of %u, share %u", record->detail,
                  charged, group->limit, group->share);
}

unsigned fuzz_groups_hold(struct group **members)
{
    unsigned count = 0;
    for (unsigned i = 0; i < FUZZ_GROUPS; i++) {
        fuzz_groups[i].busy++;
        if (fuzz_groups[i].real != NULL)
            members[count++] = fuzz_groups[i].real;
    }
    return count;
}

void fuzz_groups_unhold(void)
{
    for (unsigned i = 0; i < FUZZ_GROUPS; i++)
        fuzz_groups[i].busy--;
}

void fuzz_group_create(struct fuzz_thread *self)
{
    struct fuzz_group *group = &fuzz_groups[choose(FUZZ_GROUPS)];
    if (group->real != NULL)
        return;
    group->real = group_create();
    uint32_t limit = choose_one_in(3) ? UINT32_MAX : 6 + choose(60);
    if (group->real == NULL || group_limit(group->real, limit) != 0)
        host_fail("no group, or no limit for an empty one");
    const struct policy *policy = policy_any();
    fuzz_log("group %lu begins, limit %lu", group_index(group->real), limit, 0, 0);
    mm_lock();
    policy_change(group->real, policy);
    mm_unlock();
    if (choose_one_in(2))
        group->real->tick_period = 1 + choose(40);
    group_join(self->space->real, group->real);
}

void fuzz_group_move(struct fuzz_thread *self)
{
    struct fuzz_group *group = group_any();
    struct group *real = group != NULL ? group->real : &groups[GROUP_ALL];
    fuzz_log("space %lu moves to group %lu", self->space->real->id, group_index(real), 0,
             0);
    group_join(self->space->real, real);
}

static bool has_room(const struct group *heir, const struct group *group)
{
    return (uint64_t)heir->charged + group->charged <= heir->limit;
}

static void group_end(struct fuzz_group *group)
{
    struct fuzz_group *other = group_any();
    struct group *real = group->real, *heir = &groups[GROUP_ALL];
    if (other != NULL && other != group && has_room(other->real, real))
        heir = other->real;
    if (!has_room(heir, real))
        return;
    fuzz_log("group %lu ends, group %lu inherits", group_index(real), group_index(heir), 0,
             0);
    for (struct space *space = space_first; space != NULL; space = space->next)
        if (space->group == group_index(real))
            group_join(space, heir);
    group->real = NULL;
    reference_string_end(real);
    shares_end(real);
    group_destroy(real, heir);
}

void fuzz_group_destroy(struct fuzz_thread *self)
{
    (void)self;
    struct fuzz_group *group = group_any();
    if (group != NULL && group->busy == 0)
        group_end(group);
}

void fuzz_groups_settle(void)
{
    if (group_limit(&groups[GROUP_ALL], UINT32_MAX) != 0)
        host_fail("a limit cannot be lifted");
    for (unsigned i = 0; i < FUZZ_GROUPS; i++)
        if (fuzz_groups[i].real != NULL)
            group_end(&fuzz_groups[i]);
    swap_counts.total = (uint32_t)(host_swap.length / PAGE_SIZE);
}

static void limit_change(struct group *group, uint32_t limit)
{
    fuzz_log("group %lu, limit %lu to %lu", group_index(group), group->limit, limit, 0);
    uint32_t before = group->limit;
    int error = group_limit(group, limit);
    if (error == 0 && (group->charged > limit || group->limit != limit))
        host_fail("group_limit %u says 0, and %u are charged", limit, group->charged);
    if (error == -EINTR && !thread_current->dying)
        host_fail("group_limit says -EINTR, and nobody was killed");
    if (error == -ENOMEM && processor_count == 1 &&
        frame_is(judge_evictable(group_index(group))) && group_index(group) != GROUP_ALL)
        host_fail("group_limit says -ENOMEM, and frame %u could go",
                  judge_evictable(group_index(group)).number);
    if (error == -ENOMEM && limit >= before)
        host_fail("a limit cannot be raised");
}

void fuzz_group_limit(struct fuzz_thread *self)
{
    (void)self;
    struct fuzz_group *group = group_any();
    uint32_t limit = choose_one_in(4) ? UINT32_MAX : 4 + choose(60);
    if (group == NULL) {
        limit_change(&groups[GROUP_ALL], limit == UINT32_MAX ? limit : 60 + 2 * limit);
        return;
    }
    if (group->real->share > 0)
        return; /* that is its limit */
    group->busy++;
    limit_change(group->real, limit);
    group->busy--;
}

void fuzz_group_reclaim(struct fuzz_thread *self)
{
    (void)self;
    struct fuzz_group *group = group_any();
    struct group *real = group != NULL ? group->real : &groups[GROUP_ALL];
    uint32_t count = 1 + choose(20);
    fuzz_log("reclaim %lu frames of group %lu", count, group_index(real), 0, 0);
    if (group != NULL)
        group->busy++;
    group_reclaim(real, count);
    if (group != NULL)
        group->busy--;
}

void fuzz_group_policy(struct fuzz_thread *self)
{
    (void)self;
    struct fuzz_group *group = group_any();
    struct group *real = group != NULL ? group->real : &groups[GROUP_ALL];
    const struct policy *policy = policy_any();
    fuzz_log("group %lu has another policy", group_index(real), 0, 0, 0);
    mm_lock();
    policy_change(real, policy);
    mm_unlock();
    real->tick_period = choose_one_in(2) ? 0 : 1 + choose(40);
}

void fuzz_group_tick(struct fuzz_thread *self)
{
    bool sample = choose_one_in(3);
    fuzz_log(sample ? "sample" : "tick", 0, 0, 0, 0);
    if (sample)
        working_set_sample(self->space->real, false);
    else
        group_tick(&groups[self->space->real->group]);
}

/* One group at a time: its string takes many frames, and all strings a part of memory at most. */
#define STRING_FRAMES (REFERENCE_STRING_MAX * sizeof(struct reference) / PAGE_SIZE)

void fuzz_group_exact(struct fuzz_thread *self)
{
    (void)self;
    struct fuzz_group *group = group_any();
    if (group == NULL || processor_count > 1) /* it knows one processor */
        return;
    for (unsigned i = 0; i < group_count; i++)
        if (&groups[i] != group->real && reference_string_next(&groups[i]) > 0)
            return;
    bool on = !group_traced(group_index(group->real)) &&
              frame_counts.free > 2 * frame_watermarks.high + 100;
    fuzz_log("group %lu in exact mode: %lu", group_index(group->real), on, 0, 0);
    if (on && choose_one_in(2)) {
        mm_lock();
        policy_change(group->real, policy_find("lru"));
        mm_unlock();
    }
    bool room = record_room() >= STRING_FRAMES;
    if (reference_tracing_set(group->real, on) != 0 && room)
        fuzz_expect_shortage("reference_tracing_set", 120);
}

void fuzz_exact_check(struct fuzz_thread *self)
{
    struct space *space = self->space->real;
    struct page_view view;
    if (!group_traced(space->group) || self->space->references > 1)
        return;
    for (uintptr_t at = 0; view_next_locked(space, at, &view);
         at = view.address + PAGE_SIZE)
        if (pte_is_present(view.pte) && !pte_is_wired(view.pte))
            host_fail("entry %#lx of %#lx is there, in exact mode", view.pte.bits,
                      view.address);
}

/* --- Wiring ------------------------------------------------------------------------------- */

static uint32_t frames_wired(void)
{
    uint32_t count = 0;
    for (frame_t at = {0}; at.number < nframes; at.number++)
        count += frame_get(at)->state == FRAME_RESIDENT && frame_get(at)->wired > 0;
    return count;
}

void fuzz_wire(struct fuzz_thread *self)
{
    bool wire = choose_one_in(2) && frames_wired() < frame_counts.total / 8;
    uint32_t pages = wire ? 6 : 200;
    struct stretch at = fuzz_stretch(self, pages);
    if (self->space->references > 1 || fuzz_is_quiet(self, at))
        return;
    fuzz_log("wire %lu pages at %#lx: %lu", at.pages, at.start, wire, 0);
    fuzz_quiet(self, at, 1);
    int error = space_wire(self->space->real, at.start, at.pages * PAGE_SIZE, wire);
    fuzz_quiet(self, at, -1);
    if (processors_hold_mm())
        host_fail("the mm lock is held after space_wire");
    bool whole = model_range_promised(self->space, at.start, at.pages);
    if (error == -EFAULT && wire)
        error = 0; /* a page could not be had, but it is wired */
    if (error == -ENOMEM && whole)
        fuzz_expect_shortage("space_wire", 4);
    else if (error != (whole ? 0 : -ENOMEM))
        host_fail("space_wire says %d", error);
    uint32_t pages_done = error ? 0 : (uint32_t)at.pages;
    const struct region *first = region_find(self->space->real, at.start);
    if (error && !whole && first && first->wired == wire) /* up to the hole */
        while (model_at(self->space, at.start + pages_done * PAGE_SIZE)->promised)
            pages_done++;
    if (pages_done)
        model_wire(self->space, at.start, pages_done, wire);
    fuzz_note_copies(self, at);
}

static void wire_all(struct fuzz_thread *self, bool wire)
{
    struct stretch all[WINDOWS];
    for (unsigned i = 0; i < WINDOWS; i++)
        all[i] = (struct stretch){model_windows[i].start, model_windows[i].pages};
    for (unsigned i = 0; i < WINDOWS && wire; i++)
        if (fuzz_is_quiet(self, all[i]))
            return;
    fuzz_log("wire all: %lu", wire, 0, 0, 0);
    for (unsigned i = 0; i < WINDOWS; i++)
        fuzz_quiet(self, all[i], 1);
    space_wire_all(self->space->real, wire);
    for (unsigned i = 0; i < WINDOWS; i++)
        fuzz_quiet(self, all[i], -1);
    for (unsigned i = 0; i < WINDOWS; i++) {
        for (uint32_t page = 0; page < all[i].pages; page++)
            if (model_at(self->space, all[i].start + page * PAGE_SIZE)->promised)
                model_wire(self->space, all[i].start + page * PAGE_SIZE, 1, wire);
        fuzz_note_copies(self, all[i]);
    }
}

/* Mostly it unwires: else nothing could be evicted soon. */
void fuzz_wire_all(struct fuzz_thread *self)
{
    uint32_t promised = 0;
    for (uint32_t i = 0; i < MODEL_PAGES; i++)
        promised += self->space->page[i].promised;
    if (self->space->references > 1)
        return;
    bool wire = promised < 40 && frames_wired() < frame_counts.total / 8;
    if (choose_one_in(2)) {
        self->space->real->wire_future = wire && choose_one_in(3);
        self->space->wire_future = self->space->real->wire_future;
    }
    wire_all(self, wire);
}

/* --- The swap area ---------------------------------------------------------------------------- */

/* It is short, or has room; fast, or slow; sound, or not. */
void fuzz_swap_mood(struct fuzz_thread *self)
{
    (void)self;
    uint32_t most = (uint32_t)(host_swap.length / PAGE_SIZE);
    swap_counts.total = choose_one_in(2) ? most : choose(most + 1);
    host_swap.instant = choose_one_in(3) ? 100 : choose(100);
    host_swap.failing = choose_one_in(3) ? 1 + choose(10) : 0;
    host_swap.failing_writes = choose_one_in(3) ? 1 + choose(20) : 0;
    host_swap.lasting = choose(100);
    if (choose_one_in(4))
        host_swap_repair();
    fuzz_log("swap of %lu slots, %lu in use, %lu%% at once", swap_counts.total,
             swap_counts.used, host_swap.instant, 0);
}

void fuzz_launder(struct fuzz_thread *self)
{
    (void)self;
    fuzz_log("wash a page", 0, 0, 0, 0);
    uint64_t tries = choose(40);
    if (choose_one_in(2))
        group_tick(&groups[GROUP_ALL]); /* pages in use are not washed */
    while (tries > 0 && washing_idle())
        tries--;
}
