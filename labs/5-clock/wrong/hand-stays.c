/* the hand comes back to where the search began. */

/* file: mm/replacement/policy/clock.c */

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t frame = clock->hand;
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
        frame = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}
