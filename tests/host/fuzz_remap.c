/* tests/host/fuzz_remap.c - mremap: shorter, longer, elsewhere. */
#include "lib/errno.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_remap.h"
#include "mm/demand_paging/page.h"
#include "mm/lock.h"
#include "tests/host/fuzz.h"

/* One call: where from, where to (0: mm/ may choose), how long. */
struct attempt {
    struct stretch from;
    uint32_t new_pages;
    unsigned flags;
    uintptr_t place;
};

static bool apart(uintptr_t one, uint32_t one_pages, uintptr_t two, uint32_t two_pages)
{
    return one + one_pages * PAGE_SIZE <= two || two + two_pages * PAGE_SIZE <= one;
}

static bool attempt_choose(struct fuzz_thread *self, struct attempt *attempt)
{
    attempt->from = fuzz_stretch(self, 24);
    attempt->new_pages = 1 + choose(32);
    attempt->place = 0;
    switch (choose(4)) {
    case 0: /* where it is, or not at all */
        attempt->flags = 0;
        break;
    case 1:
        attempt->flags = MREMAP_MAYMOVE;
        break;
    case 2:
        attempt->flags = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
        attempt->new_pages = attempt->from.pages;
        break;
    default:
        attempt->flags = MREMAP_MAYMOVE | MREMAP_FIXED;
        struct stretch to = fuzz_stretch(self, 32);
        attempt->new_pages = to.pages;
        attempt->place = to.start;
        break;
    }
    while (!model_knows(attempt->from.start, attempt->new_pages)) /* it may stay */
        attempt->new_pages--;
    return !(attempt->flags & MREMAP_FIXED) ||
           apart(attempt->from.start, attempt->from.pages, attempt->place,
                 attempt->new_pages);
}

/* Regions, any number of them, as long as before: what is free between them is left alone. */
static bool moves_many(const struct attempt *attempt)
{
    return (attempt->flags & MREMAP_FIXED) && attempt->new_pages == attempt->from.pages;
}

/* 0, or what must come of it whatever memory there is: the part that stays must lie in one
 * region. */
static int attempt_expect(struct fuzz_thread *self, const struct attempt *attempt)
{
    const struct region *region = region_find(self->space->real, attempt->from.start);
    bool stays = !(attempt->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) &&
                 attempt->new_pages <= attempt->from.pages;
    uint32_t pages =
        attempt->from.pages < attempt->new_pages ? attempt->from.pages : attempt->new_pages;
    if (region == NULL)
        return -EFAULT;
    if (moves_many(attempt))
        return 0;
    return stays || attempt->from.start + pages * PAGE_SIZE <= region->end ? 0 : -EFAULT;
}

/* Those that have moved, of all; and nothing is left where one would have come to. */
static void many_moved(struct fuzz_thread *self, const struct attempt *attempt)
{
    struct space *real = self->space->real;
    for (uint32_t i = 0; i < attempt->new_pages; i++) {
        uintptr_t from = attempt->from.start + i * PAGE_SIZE;
        uintptr_t to = attempt->place + i * PAGE_SIZE;
        if (model_at(self->space, from)->promised && region_find(real, from) == NULL)
            model_move(self->space, from, 1, to, 1, false);
        else if (region_find(real, to) == NULL)
            model_unmap(self->space, to, 1);
    }
}

/* What had gone already when the call failed. */
static void attempt_failed(struct fuzz_thread *self, const struct attempt *attempt)
{
    struct space *real = self->space->real;
    if (moves_many(attempt)) {
        many_moved(self, attempt);
        return;
    }
    uintptr_t tail = attempt->from.start + attempt->new_pages * PAGE_SIZE;
    uintptr_t end = attempt->from.start + attempt->from.pages * PAGE_SIZE;
    if (tail < end && region_is_free(real, tail, end))
        model_unmap(self->space, tail, (uint32_t)((end - tail) / PAGE_SIZE));
    if ((attempt->flags & MREMAP_FIXED) &&
        region_is_free(real, attempt->place,
                       attempt->place + attempt->new_pages * PAGE_SIZE))
        model_unmap(self->space, attempt->place, attempt->new_pages);
}

static void stayed(struct fuzz_thread *self, const struct attempt *attempt)
{
    uint32_t pages = attempt->from.pages, wanted = attempt->new_pages;
    uintptr_t end = attempt->from.start + pages * PAGE_SIZE;
    if (wanted < pages)
        model_unmap(self->space, attempt->from.start + wanted * PAGE_SIZE, pages - wanted);
    else if (wanted > pages)
        model_extend(self->space, end - PAGE_SIZE, wanted - pages);
}

/* What the model cannot see must not stay, whatever is being injected. */
static void unmap_surely(struct fuzz_thread *self, uintptr_t start, uint32_t pages)
{
    uint32_t frames_fail = frame_fail_after, slabs_fail = machine_slab_fail_after;
    frame_fail_after = machine_slab_fail_after = 0;
    if (space_unmap(self->space->real, start, pages * PAGE_SIZE) != 0)
        fuzz_expect_shortage("space_unmap", 4);
    frame_fail_after = frames_fail;
    machine_slab_fail_after = slabs_fail;
}

static void moved(struct fuzz_thread *self, const struct attempt *attempt, uintptr_t place)
{
    bool kept = attempt->flags & MREMAP_DONTUNMAP;
    if (attempt->place != 0 && place != attempt->place)
        host_fail("space_remap to %#lx says %#lx", attempt->place, place);
    if (moves_many(attempt)) {
        many_moved(self, attempt);
        return;
    }
    if (model_knows(place, attempt->new_pages)) {
        if (attempt->place == 0 &&
            !model_range_free(self->space, place, attempt->new_pages))
            host_fail("space_remap gives %#lx, which is promised already", place);
        model_move(self->space, attempt->from.start, attempt->from.pages, place,
                   attempt->new_pages, kept);
        return;
    }
    unmap_surely(self, place, attempt->new_pages);
    if (kept)
        unmap_surely(self, attempt->from.start, attempt->from.pages);
    model_unmap(self->space, attempt->from.start, attempt->from.pages);
}

void fuzz_remap(struct fuzz_thread *self)
{
    struct attempt attempt;
    if (self->space->references > 1 || !attempt_choose(self, &attempt))
        return; /* while it waits for memory, another thread could change what is checked */
    int expected = attempt_expect(self, &attempt);
    fuzz_log("remap %lu pages at %#lx to %lu, flags %lu", attempt.from.pages,
             attempt.from.start, attempt.new_pages, attempt.flags);
    bool free_behind =
        model_knows(attempt.from.start, attempt.new_pages) &&
        attempt.new_pages > attempt.from.pages &&
        model_range_free(self->space, attempt.from.start + attempt.from.pages * PAGE_SIZE,
                         attempt.new_pages - attempt.from.pages);
    struct remap_request request = {attempt.from.start, attempt.from.pages * PAGE_SIZE,
                                    attempt.new_pages * PAGE_SIZE, attempt.flags,
                                    attempt.place};
    intptr_t place = space_remap(self->space->real, request);
    if (processors_hold_mm())
        host_fail("the mm lock is held after space_remap");
    if (place == -ENOMEM) {
        if (attempt.flags & MREMAP_MAYMOVE)
            fuzz_expect_shortage("space_remap",
                                 2 * (self->space->real->table.frames + 4) + 12);
        else if (free_behind && expected == 0)
            fuzz_expect_shortage("space_remap", 4);
        attempt_failed(self, &attempt);
    } else if (place < 0) {
        if (place != expected)
            host_fail("space_remap says %ld, and should %d", place, expected);
        attempt_failed(self, &attempt);
    } else if (expected != 0) {
        host_fail("space_remap gives %#lx, and should say %d", place, expected);
    } else if ((uintptr_t)place == attempt.from.start) {
        stayed(self, &attempt);
    } else {
        moved(self, &attempt, (uintptr_t)place);
    }
}
