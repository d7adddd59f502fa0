/* mm/replacement/policy/wsclock.c - WSClock: the clock throws out what left the working set.
 *
 * "If the R bit is set, the page has been used: the R bit is cleared, the hand advanced, and
 * the page's time of last use set to now. If R is 0: when its age is greater than tau and
 * the page is clean, it is not in the working set and a valid copy exists: the page is
 * simply claimed. If it is dirty, its writing is scheduled, and the hand goes on: there might
 * be an old, clean page further down the line. If the hand comes all the way round and no
 * page was found, all are in the working set: claim any" (Tanenbaum, 3.4.9; Carr, Hennessy:
 * WSCLOCK, a simple and effective algorithm for virtual memory management, SOSP 1981).
 *
 * Time is the group's faults, tau half as many faults as there are frames. We cannot
 * schedule a write: the first old dirty page is kept in mind, the hand looks 16 frames
 * further for a clean one, then comes back. When a whole round found nothing old, the page of
 * oldest use goes; until that use is tau ago no other can have grown old, so until then
 * rounds would be in vain: the first page with R = 0 is claimed, as the plain clock does. */
#include "mm/policy.h"

#define LOOK_FURTHER 16

struct wsclock {
    struct frame_queue ring; /* the policy word: the time of last use */
    frame_t hand;
    uint32_t vain_until;
};

static struct wsclock *wsclock_of(struct group *group)
{
    return (struct wsclock *)group->state;
}

static void wsclock_open(struct group *group)
{
    struct wsclock *clock = wsclock_of(group);
    queue_init(&clock->ring);
    clock->hand = FRAME_NONE;
    clock->vain_until = (uint32_t)group->faults;
}

static void wsclock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct wsclock *clock = wsclock_of(group);
    queue_insert(&clock->ring, clock->hand, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
    frame_get(frame)->policy = (uint32_t)group->faults;
}

static void wsclock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct wsclock *clock = wsclock_of(group);
    if (frame_same(frame, clock->hand))
        clock->hand = queue_next_round(&clock->ring, frame);
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        clock->hand = FRAME_NONE;
}

/* Was it used since the hand came by? Then its time of last use is now. */
static bool wsclock_used(struct group *group, frame_t frame) REQUIRES(mm)
{
    bool used = policy_test_referenced(frame);
    if (used)
        frame_get(frame)->policy = (uint32_t)group->faults;
    return used;
}

/* The first page that is not in use now, twice round at most. */
static frame_t wsclock_plain(struct group *group, struct wsclock *clock) REQUIRES(mm)
{
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        if (policy_may_evict(clock->hand) && !wsclock_used(group, clock->hand))
            return clock->hand;
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    }
    return FRAME_NONE;
}

/* A round for a page that is old, and clean if there is one near by; else the oldest. */
static frame_t wsclock_round(struct group *group, struct wsclock *clock) REQUIRES(mm)
{
    uint32_t tau = clock->ring.count / 2, oldest_age = 0;
    frame_t dirty = FRAME_NONE, oldest = FRAME_NONE;
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame)) {
            uint32_t now = (uint32_t)group->faults;
            uint32_t age = wsclock_used(group, frame) ? 0 : now - frame_get(frame)->policy;
            if (age > tau && !policy_test_modified(frame))
                return frame;
            if (age > tau && !frame_is(dirty)) {
                dirty = frame;
                left = left <= LOOK_FURTHER ? left : LOOK_FURTHER + 1;
            }
            if (!frame_is(oldest) || age > oldest_age) {
                oldest = frame;
                oldest_age = age;
            }
        }
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    if (frame_is(dirty))
        return dirty;
    clock->vain_until = (uint32_t)group->faults + tau - oldest_age + 1;
    return oldest;
}

static frame_t wsclock_victim(struct group *group) REQUIRES(mm)
{
    struct wsclock *clock = wsclock_of(group);
    bool vain = (int32_t)((uint32_t)group->faults - clock->vain_until) < 0;
    frame_t frame = vain ? wsclock_plain(group, clock) : wsclock_round(group, clock);
    if (!vain && frame_is(frame) &&
        !policy_may_evict(frame)) /* written since it was passed */
        frame = wsclock_plain(group, clock);
    if (frame_is(frame))
        clock->hand = frame;
    return frame;
}

const struct policy policy_wsclock = {
    .name = "wsclock",
    .description = "WSClock: what left the working set goes, clean pages first",
    .open = wsclock_open,
    .admit = wsclock_admit,
    .remove = wsclock_remove,
    .victim = wsclock_victim,
};
