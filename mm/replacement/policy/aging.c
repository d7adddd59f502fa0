/* mm/replacement/policy/aging.c - aging: LRU as a few bits can tell it.
 *
 * "The counters are each shifted right 1 bit before the R bit is added in. Second, the R bit
 * is added to the leftmost, rather than the rightmost bit. When a page fault occurs, the
 * page whose counter is the lowest is removed. A page that has not been referenced for four
 * clock ticks will have four leading zeroes in its counter." (Tanenbaum, 3.4.7.)
 *
 * The kernel shifts for us at each tick: frame.history. Of its 32 bits the leftmost 8 count,
 * as in the book. A page that came since the last tick was just used: it begins with the
 * leftmost bit set. Among equals the one longest here goes.
 *
 * So as not to look at all pages for each fault, `least` and `place` remember how far a
 * search came since the last tick: no counter is below `least`, and those equal to it are at
 * `place` or behind it. */
#include "mm/policy.h"

#define AGING_BITS 8
#define AGING_USED (1u << 31) /* the leftmost bit of a history */

struct aging {
    struct frame_queue queue; /* in order of admission */
    frame_t place;
    uint32_t least;
    uint64_t tick; /* in which the two were found */
};

static struct aging *aging_of(struct group *group)
{
    return (struct aging *)group->state;
}

static uint32_t aging_counter(frame_t frame) REQUIRES(mm)
{
    return frame_get(frame)->history >> (32 - AGING_BITS);
}

static void aging_open(struct group *group)
{
    struct aging *aging = aging_of(group);
    queue_init(&aging->queue);
    aging->place = FRAME_NONE;
    aging->least = 0;
    aging->tick = group->ticks;
}

static void aging_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct aging *aging = aging_of(group);
    queue_append(&aging->queue, frame);
    frame_get(frame)->history |= AGING_USED;
    if (aging_counter(frame) < aging->least) {
        aging->least = aging_counter(frame);
        aging->place = frame;
    } else if (!frame_is(aging->place)) {
        aging->place = frame;
    }
}

static void aging_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct aging *aging = aging_of(group);
    if (frame_same(frame, aging->place))
        aging->place = frame_get(frame)->next;
    queue_remove(&aging->queue, frame);
}

/* The lowest counter among those that may go. */
static uint32_t aging_lowest(struct aging *aging) REQUIRES(mm)
{
    uint32_t least = UINT32_MAX;
    for (frame_t frame = aging->queue.head; frame_is(frame); frame = frame_get(frame)->next)
        if (aging_counter(frame) < least && policy_may_evict(frame))
            least = aging_counter(frame);
    return least;
}

/* The first from `place` on that has the lowest counter. */
static frame_t aging_search(struct aging *aging) REQUIRES(mm)
{
    for (frame_t frame = aging->place; frame_is(frame); frame = frame_get(frame)->next)
        if (aging_counter(frame) <= aging->least && policy_may_evict(frame))
            return frame;
    return FRAME_NONE;
}

static frame_t aging_victim(struct group *group) REQUIRES(mm)
{
    struct aging *aging = aging_of(group);
    frame_t frame = aging->tick == group->ticks ? aging_search(aging) : FRAME_NONE;
    if (!frame_is(frame)) {
        aging->least = aging_lowest(aging);
        aging->place = aging->queue.head;
        aging->tick = group->ticks;
        frame = aging_search(aging);
    }
    aging->place = frame;
    return frame;
}

const struct policy policy_aging = {
    .name = "aging",
    .description = "aging: the lowest history of 8 ticks goes",
    .wants_ticks = true,
    .open = aging_open,
    .admit = aging_admit,
    .remove = aging_remove,
    .victim = aging_victim,
};
