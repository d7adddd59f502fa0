/* mm/replacement/policy/sieve.c - SIEVE: a clock that leaves the survivors where they are.
 *
 * "SIEVE maintains a FIFO queue; each object has one bit, visited. On a hit the bit is set.
 * On a miss, the object pointed to by the hand is examined: if it has been visited, its bit
 * is reset and the hand moves on towards the head, and the object stays in its position;
 * otherwise it is evicted. A new object is inserted at the head." (Zhang, Yang, Yue,
 * Vigfusson, Rashmi: SIEVE is simpler than LRU, NSDI 2024.) The clock puts a new page behind
 * its hand, to be seen last; here the hand meets new pages soon, among new ones, and sieves
 * out those that nobody came back to: quick demotion.
 *
 * A new page is not visited, says the paper; but the reference that faulted sets R. So the
 * bits of pages that came since a victim was last asked for are thrown away: such a page is
 * visited when it is used after that. */
#include "mm/policy.h"

#define SIEVE_NEW 1 /* the policy word of those that came since; they are at the tail */

struct sieve {
    struct frame_queue queue; /* in order of arrival: the paper's tail is our head */
    frame_t hand;             /* FRAME_NONE: at the oldest */
};

static struct sieve *sieve_of(struct group *group)
{
    return (struct sieve *)group->state;
}

static void sieve_open(struct group *group)
{
    queue_init(&sieve_of(group)->queue);
    sieve_of(group)->hand = FRAME_NONE;
}

static void sieve_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(&sieve_of(group)->queue, frame);
    frame_get(frame)->policy = SIEVE_NEW;
}

static void sieve_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct sieve *sieve = sieve_of(group);
    if (frame_same(frame, sieve->hand))
        sieve->hand = frame_get(frame)->next;
    queue_remove(&sieve->queue, frame);
}

static void sieve_settle(struct sieve *sieve) REQUIRES(mm)
{
    frame_t frame = sieve->queue.tail;
    while (frame_is(frame) && frame_get(frame)->policy == SIEVE_NEW) {
        policy_test_referenced(frame);
        frame_get(frame)->policy = 0;
        frame = frame_get(frame)->previous;
    }
}

static frame_t sieve_victim(struct group *group) REQUIRES(mm)
{
    struct sieve *sieve = sieve_of(group);
    sieve_settle(sieve);
    for (uint32_t left = 2 * sieve->queue.count; left > 0; left--) {
        if (!frame_is(sieve->hand))
            sieve->hand = sieve->queue.head;
        if (policy_may_evict(sieve->hand) && !policy_test_referenced(sieve->hand))
            return sieve->hand;
        sieve->hand = frame_get(sieve->hand)->next;
    }
    return FRAME_NONE;
}

const struct policy policy_sieve = {
    .name = "sieve",
    .description = "SIEVE: survivors stay in place, new pages are met soon",
    .open = sieve_open,
    .admit = sieve_admit,
    .remove = sieve_remove,
    .victim = sieve_victim,
};
