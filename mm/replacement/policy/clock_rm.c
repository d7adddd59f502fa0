/* mm/replacement/policy/clock_rm.c - enhanced second chance: the clock over two bits, R and M.
 *
 * "We can enhance the second-chance algorithm by considering the reference bit and the
 * modify bit as an ordered pair: (0, 0) neither recently used nor modified, best page to
 * replace; (0, 1) not recently used but modified, not quite as good, because the page will
 * need to be written out; (1, 0) recently used but clean, probably will be used again soon;
 * (1, 1) recently used and modified. We replace the first page encountered in the lowest
 * nonempty class. We may have to scan the circular queue several times." (Silberschatz,
 * 10.4.5.3.) As the Macintosh did it: a round looks for (0, 0) and changes nothing; a round
 * looks for (0, 1) and clears R on its way; then the same again, and now one is found.
 *
 * Where no page is clean, a first round for every fault would be in vain. After one that was,
 * none is made for the next frames / 64 faults (fewer than 64 frames: always made). */
#include "mm/policy.h"

#define IN_VAIN_SHIFT 6

/* The ring and the hand are the clock's (clock.c), and so is what is true of them. */
struct clock_rm {
    struct frame_queue ring;
    frame_t hand;
    uint32_t vain_until; /* group->faults when it is worth looking for (0, 0) again */
};

static struct clock_rm *clock_rm_of(struct group *group)
{
    return (struct clock_rm *)group->state;
}

static void clock_rm_open(struct group *group)
{
    struct clock_rm *clock = clock_rm_of(group);
    queue_init(&clock->ring);
    clock->hand = FRAME_NONE;
    clock->vain_until = (uint32_t)group->faults;
}

/* Just behind the hand, as R = 0. The first in an empty ring has the hand on it. */
static void clock_rm_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    queue_insert(&clock->ring, clock->hand, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
    frame_get(frame)->policy = 0;
}

/* A hand that was on it is on the next one of the round; on any other, it stays where it is. */
static void clock_rm_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    if (frame_same(frame, clock->hand))
        clock->hand = queue_next_round(&clock->ring, frame);
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        clock->hand = FRAME_NONE;
}

/* R, without clearing it: asking clears the machine's bit, so ours is in the policy word. */
static bool clock_rm_referenced(frame_t frame) REQUIRES(mm)
{
    if (policy_test_referenced(frame))
        frame_get(frame)->policy = 1;
    return frame_get(frame)->policy != 0;
}

/* One round for the first page with R = 0 and this M; R of those passed is cleared where
 * `clear`. The hand stays on what was found, or comes back to where it was. */
static frame_t clock_rm_round(struct clock_rm *clock, bool modified, bool clear)
    REQUIRES(mm)
{
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame)) {
            if (policy_test_modified(frame) == modified && !clock_rm_referenced(frame))
                return frame;
            if (clear) {
                policy_test_referenced(frame);
                frame_get(frame)->policy = 0;
            }
        }
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}

/* Two rounds, twice at most, each from the hand on: for the first with R = 0 and M = 0, in which
 * no R is lost; for the first with R = 0 and M = 1, in which R of those passed is cleared. The hand
 * stays on what is found; a round in vain leaves it where it was. Who may not go is passed over,
 * and keeps R. FRAME_NONE: none may go. */
static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t frame = FRAME_NONE;
    for (unsigned twice = 0; twice < 2 && !frame_is(frame); twice++) {
        /* With all R cleared, clean pages are worth a look in any case. */
        if (twice == 1 || (int32_t)((uint32_t)group->faults - clock->vain_until) >= 0) {
            frame = clock_rm_round(clock, false, false);
            if (!frame_is(frame))
                clock->vain_until =
                    (uint32_t)group->faults + (clock->ring.count >> IN_VAIN_SHIFT);
        }
        if (!frame_is(frame))
            frame = clock_rm_round(clock, true, true);
    }
    return frame;
}

const struct policy policy_clock_rm = {
    .name = "clock-rm",
    .description = "enhanced second chance: the clock over (R, M)",
    .open = clock_rm_open,
    .admit = clock_rm_admit,
    .remove = clock_rm_remove,
    .victim = clock_rm_victim,
};
