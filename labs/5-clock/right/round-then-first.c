/* one round, then the first that may go; in B of enhanced any page with R = 0 goes. */

/* file: mm/replacement/policy/clock.c */

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        if (policy_may_evict(clock->hand) && !policy_test_referenced(clock->hand))
            return clock->hand;
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    }
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        if (policy_may_evict(clock->hand))
            return clock->hand;
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    }
    return FRAME_NONE;
}

/* file: mm/replacement/policy/clock_rm.c */

static frame_t clock_rm_round(struct clock_rm *clock, bool modified, bool clear)
    REQUIRES(mm)
{
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame)) {
            bool used = clock_rm_referenced(frame);
            if (!used && (modified || !policy_test_modified(frame)))
                return frame;
            if (clear)
                frame_get(frame)->policy = 0;
        }
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}
