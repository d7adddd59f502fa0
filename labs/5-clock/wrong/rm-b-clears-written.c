/* enhanced: B clears R of written pages only. */

/* file: mm/replacement/policy/clock_rm.c */

static frame_t clock_rm_round(struct clock_rm *clock, bool modified, bool clear)
    REQUIRES(mm)
{
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame) && policy_test_modified(frame) == modified) {
            if (!clock_rm_referenced(frame))
                return frame;
            if (clear)
                frame_get(frame)->policy = 0;
        }
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}
