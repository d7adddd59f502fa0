/* the hand is beyond the victim as soon as that is found. */

/* file: mm/replacement/policy/clock.c */

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        clock->hand = queue_next_round(&clock->ring, frame);
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
    }
    return FRAME_NONE;
}
