/* mm/replacement/policy/mine.c - yours.
 *
 * As it stands it is the second chance in its simplest form: a queue, and who is at its head
 * but was used since goes to the tail. Change it, then see how it does:
 *
 *     make check-policy                            does it keep the rules?
 *     tools/race --policy mine                     against all the others, and OPT
 *     refstring --frames 3 --policy mine --grid 7 0 1 2 0 3 0 4 2 3        step by step
 *
 * The rules (policy.h has them in full):
 *   - The five calls below are all that the kernel asks. victim() only names a frame; when its
 *     page goes, remove() is called, and admit() with the frame of the page that came.
 *   - Any frame may be removed at any time, not only the victim: programs end. If a hand of
 *     yours points at it, move the hand.
 *   - A frame that policy_may_evict() refuses must not be named: go on to the next.
 *   - policy_test_referenced() (the bit R) clears R; ask it in victim() or referenced() only.
 *   - There is no memory to allocate. What you need to know stands in
 *       group->state                 256 bytes for the group: hands, queues, counters
 *       frame_get(frame)->policy     a word for each frame, while a page is in it
 *       frame_get(frame)->history    R at the last 32 ticks, the last one leftmost
 *       frame_get(frame)->next, previous       one queue at a time: queue_append() and so on
 *       page_get(frame_get(frame)->page)->ghost    a word for each page: what remove() writes
 *                                    here, admit() finds when the page comes back (0: new)
 *   - group->faults is the time. There is no other.
 *   - At most 150 lines; no loop longer than a few rounds of the queue. */
#include "mm/policy.h"

struct mine {
    struct frame_queue queue;
};

static struct mine *mine_of(struct group *group)
{
    return (struct mine *)group->state;
}

/* The group begins with this policy; it has no frames yet. */
static void mine_open(struct group *group)
{
    _Static_assert(sizeof(struct mine) <= sizeof group->state, "too much state");
    queue_init(&mine_of(group)->queue);
}

/* A page has come into this frame. */
static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(&mine_of(group)->queue, frame);
}

/* The page was used: once a tick at most, if memory.tick is set; every time in exact mode.
 * A policy that does not care leaves the call out, as this one could. */
static void mine_referenced(struct group *group, frame_t frame)
{
    (void)group;
    (void)frame;
}

/* The page has left, for whatever reason. */
static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&mine_of(group)->queue, frame);
}

/* Which one goes? Two rounds at most: after one, all bits R are clear. */
static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    for (uint32_t left = 2 * queue->count; left > 0; left--) {
        frame_t frame = queue->head;
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
        queue_remove(queue, frame);
        queue_append(queue, frame);
    }
    return FRAME_NONE;
}

const struct policy policy_mine = {
    .name = "mine",
    .description = "yours: policy/mine.c",
    .open = mine_open,
    .admit = mine_admit,
    .referenced = mine_referenced,
    .remove = mine_remove,
    .victim = mine_victim,
};
