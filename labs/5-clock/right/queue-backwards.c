/* the hand goes from the tail to the head; enhanced admits pages with R = 1. */

/* file: mm/replacement/policy/clock.c */

static frame_t before(const struct clock *clock, frame_t frame) REQUIRES(mm)
{
    frame_t previous = frame_get(frame)->previous;
    return frame_is(previous) ? previous : clock->ring.tail;
}

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t next = frame_is(clock->hand) ? frame_get(clock->hand)->next : FRAME_NONE;
    queue_insert(&clock->ring, next, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
}

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    if (frame_same(frame, clock->hand))
        clock->hand = before(clock, frame);
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        clock->hand = FRAME_NONE;
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        if (policy_may_evict(clock->hand) && !policy_test_referenced(clock->hand))
            return clock->hand;
        clock->hand = before(clock, clock->hand);
    }
    return FRAME_NONE;
}

/* file: mm/replacement/policy/clock_rm.c */

static void clock_rm_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    queue_insert(&clock->ring, clock->hand, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
    frame_get(frame)->policy = 1;
}
