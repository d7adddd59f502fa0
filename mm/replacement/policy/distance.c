/* mm/replacement/policy/distance.c - keep the pages that come back soonest.
 *
 * What a page will do is told best by the time between its last two uses (Jiang, Zhang: LIRS,
 * SIGMETRICS 2002), here in faults. A new page is *fresh* for a few faults, in which its uses
 * count as one (Johnson, Shasha: 2Q, VLDB 1994); then *cold*, in a queue: at its head with R = 0
 * it goes. *Hot* pages stay; a hand looks at four each fault, and puts those used last. A cold
 * page used again, or an evicted one that comes back, has shown its distance: if the stalest hot
 * page was not used for longer than that, they change places. The share of cold pages is small,
 * so that scans and long loops cost the hot ones little. But when pages come back soon after they
 * went, a larger share would have kept them: more hot pages as stale are given up at once. A page
 * that returns and gets no place takes a frame off it. (A page without a slot will not be known
 * again: if hot ones have been idle for half a memory's faults, one is given up for it.) */
#include "mm/policy.h"

/* Policy word and ghost: faults << 4 at the last known use (fresh, RETURNED: before), these. */
enum { COLD, HOT, FRESH, KIND = 3, RETURNED = 4, SOON = 8, BITS = 15 };

struct distance {
    struct frame_queue queue[3]; /* by kind */
    frame_t hand;                /* among the hot; FRAME_NONE: at the head */
    uint32_t total, share;       /* of all pages, that of the fresh and cold */
};

static struct distance *distance_of(struct group *group)
{
    return (struct distance *)group->state;
}

static uint32_t distance_age(const struct group *group, uint32_t word)
{
    return (((uint32_t)group->faults << 4) - (word & ~BITS)) >> 4;
}

static void distance_open(struct group *group)
{
    *distance_of(group) = (struct distance){.hand = FRAME_NONE};
    for (unsigned kind = COLD; kind <= FRESH; kind++)
        queue_init(&distance_of(group)->queue[kind]);
}

static void distance_take(struct distance *distance, frame_t frame) REQUIRES(mm)
{
    if (frame_same(frame, distance->hand))
        distance->hand = frame_get(frame)->next;
    queue_remove(&distance->queue[frame_get(frame)->policy & KIND], frame);
}

/* To the end of a queue, last used now. */
static void distance_put(struct group *group, frame_t frame, uint32_t kind) REQUIRES(mm)
{
    distance_take(distance_of(group), frame);
    queue_append(&distance_of(group)->queue[kind], frame);
    frame_get(frame)->policy = (uint32_t)group->faults << 4 | kind;
}

/* If the stalest hot page has not been used for longer than `age`, it is cold now. */
static bool distance_cool(struct group *group, uint32_t age) REQUIRES(mm)
{
    struct frame_queue *hot = &distance_of(group)->queue[HOT];
    for (unsigned tries = 0; tries < 2 && hot->count > 0; tries++) {
        frame_t frame = hot->head;
        uint32_t word = frame_get(frame)->policy;
        if (distance_age(group, word) <= age)
            return false;
        bool used = policy_test_referenced(frame);
        distance_put(group, frame, used ? HOT : COLD);
        if (used)
            continue;
        frame_get(frame)->policy = word - HOT + COLD;
        return true;
    }
    return false;
}

/* A page is fresh no more. The first of all are hot, until only the share is left. */
static void distance_settle(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct distance *distance = distance_of(group);
    uint32_t word = frame_get(frame)->policy, age = distance_age(group, word);
    bool room = distance->queue[HOT].count + distance->share < distance->total;
    bool hot = room || ((word & RETURNED) && distance_cool(group, age));
    policy_test_referenced(frame);
    distance_put(group, frame, hot ? HOT : COLD);
    distance->share -= !hot && (word & RETURNED) && distance->share > 0;
    uint32_t more = hot && (word & SOON) ? distance->total / 128 + 3 : 0;
    for (; more > 0 && distance_cool(group, age); more--)
        distance->share++;
}

static void distance_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct distance *distance = distance_of(group);
    const struct page *page = page_get(frame_get(frame)->page);
    uint32_t now = (uint32_t)group->faults, away = now - page->evicted_at, word = now << 4;
    bool soon = !(page->ghost & HOT) && away <= 2 * distance->share + distance->total / 64;
    if (page->ghost != 0)
        word = (page->ghost & ~BITS) | RETURNED | (soon ? SOON : 0);
    frame_get(frame)->policy = word | FRESH;
    queue_append(&distance->queue[FRESH], frame);
    distance->total++;
}

static void distance_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    page_get(frame_get(frame)->page)->ghost = frame_get(frame)->policy;
    distance_take(distance_of(group), frame);
    distance_of(group)->total--;
}

static frame_t distance_victim(struct group *group) REQUIRES(mm)
{
    struct distance *distance = distance_of(group);
    struct frame_queue *queue = distance->queue;
    uint32_t total = distance->total, window = total / 256 + (total < 16 ? 1 : 2);
    if (distance->share < 2 * window || distance->share > total)
        distance->share = 2 * window;
    while (queue[FRESH].count >= window)
        distance_settle(group, queue[FRESH].head);
    for (unsigned look = 4; look > 0 && queue[HOT].count > 0; look--) {
        frame_t frame = frame_is(distance->hand) ? distance->hand : queue[HOT].head;
        distance->hand = frame_get(frame)->next;
        if (policy_test_referenced(frame))
            distance_put(group, frame, HOT);
    }
    if (queue[HOT].count + distance->share > total)
        distance_cool(group, 0);
    frame_t frame = policy_first(&queue[COLD]);
    for (uint32_t left = queue[COLD].count; left > 0 && frame_is(frame); left--) {
        bool used = policy_test_referenced(frame);
        if (!used && !policy_test_modified(frame) &&
            !slot_is(page_get(frame_get(frame)->page)->slot))
            distance->share += distance_cool(group, total / 2);
        if (!used && policy_may_evict(frame)) /* not written meanwhile */
            return frame;
        uint32_t age = distance_age(group, frame_get(frame)->policy);
        distance_put(group, frame, distance_cool(group, age) ? HOT : COLD);
        frame = policy_first(&queue[COLD]);
    }
    frame = frame_is(frame) ? frame : policy_first(&queue[HOT]);
    return frame_is(frame) ? frame : policy_first(&queue[FRESH]);
}

const struct policy policy_distance = {
    .name = "distance",
    .description = "what comes back soonest stays, the rest passes through",
    .open = distance_open,
    .admit = distance_admit,
    .remove = distance_remove,
    .victim = distance_victim,
};
