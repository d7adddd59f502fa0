/* mm/replacement/policy/clock.c - the clock, or second chance: FIFO, but a page that was used
 * since stays.
 *
 * "Keep all the page frames on a circular list in the form of a clock. The hand points to
 * the oldest page. When a page fault occurs, the page being pointed to by the hand is
 * inspected. If its R bit is 0, the page is evicted, the new page is inserted into the
 * clock in its place, and the hand is advanced one position. If R is 1, it is cleared and
 * the hand is advanced to the next page. This process is repeated until a page is found
 * with R = 0." (Tanenbaum, Bos: Modern Operating Systems, 4th ed., 3.4.5; Corbato: A paging
 * experiment with the Multics system, 1968.) If all pages have been used, the hand goes
 * round once, and the clock is FIFO. */
#include "mm/policy.h"

/* What the three calls below share, and each leaves true: `ring` is a round of all frames that are
 * admitted, in the order in which the hand will come to them. The hand is on a frame of the ring,
 * and on none (FRAME_NONE) while the ring is empty. Where a queue begins says nothing: the
 * round begins at the hand. */
struct clock {
    struct frame_queue ring;
    frame_t hand;
};

static struct clock *clock_of(struct group *group)
{
    return (struct clock *)group->state;
}

static void clock_open(struct group *group)
{
    queue_init(&clock_of(group)->ring);
    clock_of(group)->hand = FRAME_NONE;
}

/* Just behind the hand: the last it will come to. The first in an empty ring has the hand on it. */
static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    queue_insert(&clock->ring, clock->hand, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
}

/* A hand that was on it is on the next one of the round; on any other, it stays where it is. */
static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    if (frame_same(frame, clock->hand))
        clock->hand = queue_next_round(&clock->ring, frame);
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        clock->hand = FRAME_NONE;
}

/* From the hand on: the first with R = 0, that is, not used since it came or was passed last. Those
 * before it are passed, and R of each is cleared. The hand stays on what is found, and R of
 * those behind it as it was. Who may not go is passed over, and not asked for R. Two rounds at
 * most: in the first all R are cleared. FRAME_NONE: none may go. */
static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        if (policy_may_evict(clock->hand) && !policy_test_referenced(clock->hand))
            return clock->hand;
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    }
    return FRAME_NONE;
}

const struct policy policy_clock = {
    .name = "clock",
    .description = "second chance: round the clock to the first page not used since",
    .open = clock_open,
    .admit = clock_admit,
    .remove = clock_remove,
    .victim = clock_victim,
};
