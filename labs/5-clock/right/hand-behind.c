/* the hand is kept on the page that was passed last; enhanced looks once for the first of each
 * class. */

/* file: mm/replacement/policy/clock.c */

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t next = frame_is(clock->hand) ? frame_get(clock->hand)->next : FRAME_NONE;
    queue_insert(&clock->ring, next, frame);
    clock->hand = frame;
}

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    if (frame_same(frame, clock->hand)) {
        frame_t previous = frame_get(frame)->previous;
        clock->hand = frame_is(previous) ? previous : clock->ring.tail;
    }
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        clock->hand = FRAME_NONE;
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        frame_t frame = queue_next_round(&clock->ring, clock->hand);
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
        clock->hand = frame;
    }
    return FRAME_NONE;
}

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced clock_rm_round */

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t first[4] = {FRAME_NONE, FRAME_NONE, FRAME_NONE, FRAME_NONE};
    frame_t frame = clock->hand;
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        if (policy_may_evict(frame)) {
            if (policy_test_referenced(frame))
                frame_get(frame)->policy = 1;
            unsigned class =
                2 * (frame_get(frame)->policy != 0) + policy_test_modified(frame);
            if (!frame_is(first[class]))
                first[class] = frame;
        }
        frame = queue_next_round(&clock->ring, frame);
    }
    unsigned lowest = 0;
    while (lowest < 3 && !frame_is(first[lowest]))
        lowest++;
    if (lowest == 0 || !frame_is(first[lowest])) {
        clock->hand = frame_is(first[lowest]) ? first[lowest] : clock->hand;
        return first[lowest];
    }
    /* The others' R is lost up to the one that goes: of all, if that is found in the second
     * look only. */
    uint32_t left = clock->ring.count;
    while (left-- > 0 && (lowest > 1 || !frame_same(clock->hand, first[1]))) {
        if (policy_may_evict(clock->hand))
            frame_get(clock->hand)->policy = 0;
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    }
    return clock->hand = first[lowest];
}
