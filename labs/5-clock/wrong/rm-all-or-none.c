/* enhanced: R is cleared only where all pages were used, and then of all. */

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced clock_rm_round */

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t best = FRAME_NONE, frame = clock->hand;
    unsigned least = 4;
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        if (policy_may_evict(frame)) {
            if (policy_test_referenced(frame))
                frame_get(frame)->policy = 1;
            unsigned class = 2 * frame_get(frame)->policy + policy_test_modified(frame);
            if (class < least)
                least = class, best = frame;
        }
        frame = queue_next_round(&clock->ring, frame);
    }
    if (least >= 2)
        for (frame = clock->ring.head; frame_is(frame); frame = frame_get(frame)->next)
            frame_get(frame)->policy = 0;
    if (frame_is(best))
        clock->hand = best;
    return best;
}
