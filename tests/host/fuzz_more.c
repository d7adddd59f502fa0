/* tests/host/fuzz_more.c - what befalls whole spaces, objects and groups: a space goes out and
 * comes back, an object gets holes, memory gets small, groups get shares. */
#include "lib/errno.h"
#include "mm/address_spaces/space_advise.h"
#include "mm/demand_paging/object_punch.h"
#include "mm/frame_allocation/shares.h"
#include "mm/lock.h"
#include "mm/working_sets/swapping.h"
#include "tests/host/fuzz.h"

#include <string.h>

/* --- Suspended, resumed --------------------------------------------------------------------- */

/* One at a time: as the kernel's load control does it. The space is any thread's, and may end
 * meanwhile. */
void fuzz_swapping(struct fuzz_thread *self)
{
    static bool busy;
    struct model_space *space = fuzz_space_any();
    struct space *real = space != NULL ? space->real : self->space->real;
    bool out = choose_one_in(2);
    if (busy)
        return;
    fuzz_log("space %lu is swapped out: %lu", real->id, out, 0, 0);
    busy = true;
    space_hold(real);
    (out ? swapping_out : swapping_in)(real);
    busy = false;
    if (processors_hold_mm())
        host_fail("the mm lock is held after swapping");
    space_release(real);
}

/* --- Holes ------------------------------------------------------------------------------------ */

/* A part of this page can be cleared without a sleep, and the model can say what is left. */
static bool can_clear(const struct model_object *object, uint32_t index, uint32_t from,
                      uint32_t to)
{
    const struct contents *contents = &object->page[index];
    bool there = frame_is(object_peek(object->real, index));
    bool nothing = !page_is(object_find(object->real, index)) &&
                   index * PAGE_SIZE >= object->real->backed;
    return (there || nothing) &&
           (contents->base_length <= from || contents->base_length <= to);
}

static void model_clear(struct contents *contents, uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < STAMPS; i++)
        if (stamp_offset[i] >= from && stamp_offset[i] < to)
            contents->stamp[i] = 0;
    if (contents->base_length > from)
        contents->base_length = from;
}

struct hole {
    uint64_t start, end; /* whole words */
};

/* What of the hole lies in a page; false: nothing. */
static bool hole_in(struct hole hole, uint32_t index, uint32_t *from, uint32_t *to)
{
    uint64_t begin = index * PAGE_SIZE, end = begin + PAGE_SIZE;
    if (hole.end <= begin || hole.start >= end)
        return false;
    *from = (uint32_t)(hole.start > begin ? hole.start - begin : 0);
    *to = (uint32_t)(hole.end < end ? hole.end - begin : PAGE_SIZE);
    return true;
}

static bool hole_choose(const struct model_object *object, struct hole *hole)
{
    if (object == NULL || object->quiet > 0 || object->size < 8)
        return false;
    hole->start = choose((uint32_t)(object->size / 8)) * 8;
    hole->end = hole->start + 8 * (1 + choose(choose_one_in(2) ? 512 : 6 * 512));
    if (choose_one_in(2))
        hole->start = PAGE_ROUND_DOWN(hole->start);
    if (choose_one_in(2))
        hole->end = PAGE_ROUND_UP(hole->end);
    if (hole->end > (object->size & ~7ul))
        hole->end = object->size & ~7ul;
    return hole->start < hole->end;
}

void fuzz_punch(struct fuzz_thread *self)
{
    (void)self;
    struct model_object *object = fuzz_object_any();
    struct hole hole;
    uint32_t from, to;
    if (!hole_choose(object, &hole) || fuzz_is_changing())
        return;
    for (uint32_t i = 0; i < MODEL_OBJECT_PAGES; i++)
        if (hole_in(hole, i, &from, &to) &&
            (to - from < PAGE_SIZE || i * PAGE_SIZE < object->real->backed) &&
            !can_clear(object, i, from, to))
            return;
    fuzz_log("punch object %lu from %lu to %lu", (uint64_t)(object - model_objects),
             hole.start, hole.end, 0);
    host_turns_kept++; /* the model has it done at once */
    object->resizing = true;
    int error = object_punch(object->real, hole.start, hole.end);
    object->resizing = false;
    host_turns_kept--;
    if (error || processors_hold_mm())
        host_fail("object_punch says %d of what is there", error);
    object->cuts++; /* who has pinned a page may have one that is the object's no more */
    for (uint32_t i = 0; i < MODEL_OBJECT_PAGES; i++) {
        if (!hole_in(hole, i, &from, &to))
            continue;
        model_clear(&object->page[i], from, to);
        if (to - from == PAGE_SIZE && i * PAGE_SIZE >= object->real->backed &&
            page_is(object_find(object->real, i)))
            host_fail("page %u of the object is there, and is in a hole", i);
    }
    model_check_object(object);
}

/* --- Shortages ------------------------------------------------------------------------------ */

#define HOSTAGES_MAX 4096
static frame_t hostages[HOSTAGES_MAX];
static unsigned hostage_count;

void fuzz_squeeze_ends(void)
{
    mm_lock();
    while (hostage_count > 0)
        frame_free(hostages[--hostage_count]);
    mm_unlock();
}

/* Memory gets small: somebody else holds all but a few frames. */
void fuzz_squeeze(struct fuzz_thread *self)
{
    (void)self;
    if (hostage_count > 0) {
        fuzz_log("memory is large again", 0, 0, 0, 0);
        fuzz_squeeze_ends();
        return;
    }
    uint32_t leave = 100 + choose(400);
    fuzz_log("memory gets small, %lu frames are left of %lu", leave, frame_counts.free, 0,
             0);
    mm_lock();
    while (frame_counts.free > leave && hostage_count < HOSTAGES_MAX) {
        frame_t frame = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
        if (!frame_is(frame))
            break;
        hostages[hostage_count++] = frame;
    }
    mm_unlock();
}

/* --- Shares --------------------------------------------------------------------------- */

/* What the kernel's allocator does: claims of all groups with a share, or that are to get one,
 * put in force. */
static void shares_divide(struct group *const *members, unsigned count)
{
    struct claim claims[GROUPS_MAX];
    struct allocation_bounds bounds = {.upper = 400, .lower = 100};
    enum allocation_scheme scheme =
        ALLOCATION_EQUAL + choose(ALLOCATION_SCHEMES - ALLOCATION_EQUAL);
    for (unsigned i = 0; i < count; i++)
        claims[i] = (struct claim){
            .group = group_index(members[i]),
            .size = 1 + choose(200),
            .minimum = ALLOCATION_MINIMUM,
            .weight = 1 + choose(4096),
            .working_set = choose(100),
            .fault_rate = choose(800),
            .judged = choose_one_in(2),
            .share = members[i]->share,
        };
    uint32_t frames = shares_frames();
    frames = frames / 2 + choose(frames / 2 + 1);
    fuzz_log("shares for %lu groups of %lu frames, scheme %lu", count, frames, scheme, 0);
    if (!allocation_divide(scheme, bounds, claims, count, frames))
        return;
    shares_apply(scheme, claims, count, frames);
    if (processors_hold_mm())
        host_fail("the mm lock is held after shares_apply");
}

void fuzz_shares(struct fuzz_thread *self)
{
    (void)self;
    static bool busy;
    struct group *members[GROUPS_MAX];
    unsigned count = fuzz_groups_hold(members);
    if (shares_sum() == 0) /* they take turns only in global replacement */
        shares_turns = choose_one_in(4);
    if (!busy && !shares_turns && count > 0) {
        busy = true;
        if (choose_one_in(3))
            shares_end(members[choose(count)]);
        else
            shares_divide(members, count);
        busy = false;
    }
    fuzz_groups_unhold();
}
