/* mm/replacement/policy.h - page replacement: the question, and all that a policy may ask back.
 *
 * A group is full and one of its pages must go: which? Whoever answers is a *policy*, one
 * small file in policy/, five calls. It never moves a page itself; it keeps whatever
 * order it likes among the group's resident frames and names a victim when asked.
 *
 * Its clock is the group's: `group->faults`, the pages admitted so far, and `ticks`,
 * explicit or one every `tick_period` faults. It never sees instructions or time, so a
 * simulator that is fed the same string of references can agree with it on every victim.
 *
 * The order of events, which is part of the contract (docs/replacement.md):
 *
 *   a page without a frame is wanted by the group
 *     faults += 1
 *     if the period is over: a tick (below)
 *     while the group is at its limit: victim() names a frame; remove(); it is evicted
 *     the page is brought in; admit()
 *     the instruction runs again: the page is referenced
 *   a tick, for every resident frame of the group, in the order in which they came
 *     history = history >> 1, with the top bit set if it was referenced since the last tick
 *     if it was, and the group is not in exact mode: referenced()
 *   in exact mode, every reference, the one after a fault too
 *     referenced()
 *
 * What the books leave open is decided so, where a policy's own file says nothing else:
 *
 *   R of a new page     0 at admit(). But the instruction that faulted runs again and sets it:
 *                       when the next victim is looked for, R is 1
 *   R of a page passed  asking clears it (policy_test_referenced). A frame that may not go is
 *                       not asked: its R stays
 *   insertion           a queue: at the tail. A clock: just behind the hand, which comes to the
 *                       new page last; after a victim this is the victim's place
 *   the hand's start    on the first page that comes into an empty ring
 *   the hand after it   stays on the victim. When the frame under a hand is removed, for
 *                       whatever reason, the hand is on the next one
 *   a victim            is a frame of this group, admitted and not removed since, of which
 *                       policy_may_evict() holds now. It is removed before the next one is asked
 *                       for, but need not go: if it cannot be written it is admitted again
 *   remove()            comes for any frame at any time: programs end, pages are wired, programs
 *                       leave the group. There are admissions without a victim before them (room
 *                       is left), and victims without an admission after them (memory is short) */
#ifndef MM_POLICY_H
#define MM_POLICY_H

#include "mm/frames/frames.h"
#include "mm/replacement/policy_bits.h"

struct group;

struct policy {
    const char *name;        /* as in memory.policy and --policy */
    const char *description; /* a line */
    bool wants_exact;        /* knows references only in exact mode (LRU) */
    bool wants_ticks;        /* lives on history or on referenced() */

    /* The group begins with this policy: set group->state up. No frame is admitted yet. */
    void (*open)(struct group *group);
    /* A page has come into `frame`, with R = 0. frame_get(frame)->policy, history, next and
     * previous are the policy's from now on, whatever is in them, with page_get(...)->ghost for
     * the page, which stays when the page is evicted. */
    void (*admit)(struct group *group, frame_t frame);
    /* The page was referenced: see the order of events. NULL: does not care. */
    void (*referenced)(struct group *group, frame_t frame);
    /* The frame is the policy's no more: evicted, or its page has ended. */
    void (*remove)(struct group *group, frame_t frame);
    /* Name a frame that may go, of those admitted (policy_may_evict), without removing it.
     * FRAME_NONE: there is none, or the group has no frames at all. It may not search for ever. */
    frame_t (*victim)(struct group *group);
};

/* The only places that call one (tests/walls.py): the compiler's proof of who holds the lock does
 * not follow pointers. */
static inline void policy_open(const struct policy *policy, struct group *group)
    REQUIRES(mm)
{
    policy->open(group);
}

static inline void policy_admit(const struct policy *policy, struct group *group,
                                frame_t frame) REQUIRES(mm)
{
    policy->admit(group, frame);
}

static inline void policy_referenced(const struct policy *policy, struct group *group,
                                     frame_t frame) REQUIRES(mm)
{
    if (policy->referenced != NULL)
        policy->referenced(group, frame);
}

static inline void policy_remove(const struct policy *policy, struct group *group,
                                 frame_t frame) REQUIRES(mm)
{
    policy->remove(group, frame);
}

/* What it names must be a frame of the group that may go: or the kernel ends, and says whose fault
 * it is. */
void policy_check_victim(const struct policy *policy, const struct group *group,
                         frame_t victim) REQUIRES(mm);
/* It names none: then none of the group's may go. */
void policy_check_none(const struct policy *policy, const struct group *group) REQUIRES(mm);

static inline frame_t policy_victim(const struct policy *policy, struct group *group)
    REQUIRES(mm)
{
    frame_t victim = policy->victim(group);
    if (frame_is(victim))
        policy_check_victim(policy, group, victim);
    return victim;
}

extern const struct policy
    *const policies[]; /* NULL-terminated; the first is the default */
extern const struct policy policy_clock, policy_fifo, policy_clock_rm, policy_aging,
    policy_lfu, policy_mfu, policy_random, policy_sieve, policy_wsclock, policy_clock_pro,
    policy_distance, policy_lru, policy_mine;
const struct policy *policy_find(const char *name); /* NULL: no such */

/* Give the group another policy; its frames are admitted to it in the order in which they came. */
void policy_change(struct group *group, const struct policy *policy) REQUIRES(mm);

/* Where the dice of the policy `random` begin. */
extern uint32_t policy_seed;

/* --- What a policy may ask ---------------------------------------------------------- */

/* The first of a queue that may be evicted; FRAME_NONE: there is none. */
frame_t policy_first(const struct frame_queue *queue) REQUIRES(mm);

#endif
