/* enhanced: the round for clean pages asks R, and so loses it. */

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced */

static frame_t clock_rm_round(struct clock_rm *clock, bool modified, bool clear)
    REQUIRES(mm)
{
    (void)clear;
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame) && policy_test_modified(frame) == modified &&
            !policy_test_referenced(frame))
            return frame;
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}
