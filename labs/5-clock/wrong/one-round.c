/* victim gives up after one round, and names nobody where all pages were used. */

/* file: mm/replacement/policy/clock.c */

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        if (policy_may_evict(clock->hand) && !policy_test_referenced(clock->hand))
            return clock->hand;
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    }
    return FRAME_NONE;
}
