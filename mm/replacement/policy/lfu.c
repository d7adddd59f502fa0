/* mm/replacement/policy/lfu.c - least frequently used: the page with the smallest count
 * of uses goes.
 *
 * "The least frequently used page-replacement algorithm requires that the page with the
 * smallest count be replaced: an actively used page should have a large reference count. A
 * problem arises when a page is used heavily during the initial phase of a process but then
 * is never used again." (Silberschatz, 10.4.6.) In exact mode every reference counts. Else
 * every tick in which there was one: "not frequently used, NFU: at each clock interrupt the
 * R bit is added to the counter; it never forgets anything" (Tanenbaum, 3.4.7).
 *
 * Counts begin at 0 with each admission; among equals the one longest here goes. So as not
 * to look at all pages for each fault, `least` and `place` remember how far a search came:
 * no count is below `least`, and those equal to it are at `place` or behind it. */
#include "mm/policy.h"

struct lfu {
    struct frame_queue queue; /* in order of admission */
    frame_t place;
    uint32_t least;
};

static struct lfu *lfu_of(struct group *group)
{
    return (struct lfu *)group->state;
}

static uint32_t lfu_count(frame_t frame) REQUIRES(mm)
{
    return frame_get(frame)->policy;
}

static void lfu_open(struct group *group)
{
    queue_init(&lfu_of(group)->queue);
    lfu_of(group)->place = FRAME_NONE;
    lfu_of(group)->least = 0;
}

static void lfu_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct lfu *lfu = lfu_of(group);
    queue_append(&lfu->queue, frame);
    frame_get(frame)->policy = 0;
    if (lfu->least > 0 || !frame_is(lfu->place))
        lfu->place = frame;
    lfu->least = 0;
}

static void lfu_referenced(struct group *group, frame_t frame) REQUIRES(mm)
{
    (void)group;
    if (lfu_count(frame) < UINT32_MAX)
        frame_get(frame)->policy++;
}

static void lfu_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct lfu *lfu = lfu_of(group);
    if (frame_same(frame, lfu->place))
        lfu->place = frame_get(frame)->next;
    queue_remove(&lfu->queue, frame);
}

/* The smallest count among those that may go. */
static uint32_t lfu_smallest(struct lfu *lfu) REQUIRES(mm)
{
    uint32_t least = UINT32_MAX;
    for (frame_t frame = lfu->queue.head; frame_is(frame); frame = frame_get(frame)->next)
        if (lfu_count(frame) < least && policy_may_evict(frame))
            least = lfu_count(frame);
    return least;
}

/* The first from `place` on that has the smallest count. */
static frame_t lfu_search(struct lfu *lfu) REQUIRES(mm)
{
    for (frame_t frame = lfu->place; frame_is(frame); frame = frame_get(frame)->next)
        if (lfu_count(frame) <= lfu->least && policy_may_evict(frame))
            return frame;
    return FRAME_NONE;
}

static frame_t lfu_victim(struct group *group) REQUIRES(mm)
{
    struct lfu *lfu = lfu_of(group);
    frame_t frame = lfu_search(lfu);
    if (!frame_is(frame)) {
        lfu->least = lfu_smallest(lfu);
        lfu->place = lfu->queue.head;
        frame = lfu_search(lfu);
    }
    lfu->place = frame;
    return frame;
}

const struct policy policy_lfu = {
    .name = "lfu",
    .description = "least frequently used (NFU): the smallest count goes",
    .wants_ticks = true,
    .open = lfu_open,
    .admit = lfu_admit,
    .referenced = lfu_referenced,
    .remove = lfu_remove,
    .victim = lfu_victim,
};
