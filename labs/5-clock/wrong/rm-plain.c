/* enhanced: it is the clock, and M is not asked. */

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced clock_rm_round */

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        if (policy_may_evict(clock->hand) && !policy_test_referenced(clock->hand))
            return clock->hand;
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    }
    return FRAME_NONE;
}
