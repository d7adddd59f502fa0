/* the hand goes on when a victim is found, and stays on a frame that leaves otherwise. */

/* file: mm/replacement/policy/clock.c */

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&clock_of(group)->ring, frame);
    if (clock_of(group)->ring.count == 0)
        clock_of(group)->hand = FRAME_NONE;
}

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
