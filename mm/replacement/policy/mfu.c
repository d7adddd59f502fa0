/* mm/replacement/policy/mfu.c - most frequently used: the page with the largest count of uses goes.
 *
 * "The most frequently used page-replacement algorithm is based on the argument that the
 * page with the smallest count was probably just brought in and has yet to be used."
 * (Silberschatz, 10.4.6, who adds that neither it nor LFU is common.) It throws out the
 * busiest page of all: code, stack; the lesson is what that costs.
 *
 * Counts are as in lfu.c; among equals the one longest here goes. `most` and `place`
 * remember how far a search came: no count is above `most`, and those equal to it are at
 * `place` or behind it. */
#include "mm/policy.h"

struct mfu {
    struct frame_queue queue; /* in order of admission */
    frame_t place;
    uint32_t most;
};

static struct mfu *mfu_of(struct group *group)
{
    return (struct mfu *)group->state;
}

static uint32_t mfu_count(frame_t frame) REQUIRES(mm)
{
    return frame_get(frame)->policy;
}

static void mfu_open(struct group *group)
{
    queue_init(&mfu_of(group)->queue);
    mfu_of(group)->place = FRAME_NONE;
    mfu_of(group)->most = 0;
}

static void mfu_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct mfu *mfu = mfu_of(group);
    queue_append(&mfu->queue, frame);
    frame_get(frame)->policy = 0;
    if (mfu->most == 0 && !frame_is(mfu->place))
        mfu->place = frame;
}

static void mfu_referenced(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct mfu *mfu = mfu_of(group);
    if (mfu_count(frame) < UINT32_MAX)
        frame_get(frame)->policy++;
    if (mfu_count(frame) > mfu->most) {
        mfu->most = mfu_count(frame);
        mfu->place = frame;
    } else if (mfu_count(frame) == mfu->most) {
        mfu->place = mfu->queue.head; /* it may be before the place: search again */
    }
}

static void mfu_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct mfu *mfu = mfu_of(group);
    if (frame_same(frame, mfu->place))
        mfu->place = frame_get(frame)->next;
    queue_remove(&mfu->queue, frame);
}

/* The largest count among those that may go. */
static uint32_t mfu_largest(struct mfu *mfu) REQUIRES(mm)
{
    uint32_t most = 0;
    for (frame_t frame = mfu->queue.head; frame_is(frame); frame = frame_get(frame)->next)
        if (mfu_count(frame) > most && policy_may_evict(frame))
            most = mfu_count(frame);
    return most;
}

/* The first from `place` on that has the largest count. */
static frame_t mfu_search(struct mfu *mfu) REQUIRES(mm)
{
    for (frame_t frame = mfu->place; frame_is(frame); frame = frame_get(frame)->next)
        if (mfu_count(frame) >= mfu->most && policy_may_evict(frame))
            return frame;
    return FRAME_NONE;
}

static frame_t mfu_victim(struct group *group) REQUIRES(mm)
{
    struct mfu *mfu = mfu_of(group);
    frame_t frame = mfu_search(mfu);
    if (!frame_is(frame)) {
        mfu->most = mfu_largest(mfu);
        mfu->place = mfu->queue.head;
        frame = mfu_search(mfu);
    }
    mfu->place = frame;
    return frame;
}

const struct policy policy_mfu = {
    .name = "mfu",
    .description = "most frequently used: the largest count goes",
    .wants_ticks = true,
    .open = mfu_open,
    .admit = mfu_admit,
    .referenced = mfu_referenced,
    .remove = mfu_remove,
    .victim = mfu_victim,
};
