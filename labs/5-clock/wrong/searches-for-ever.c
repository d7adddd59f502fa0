/* victim waits for a page with M = 0, and goes round for ever where all were written. */

/* file: mm/replacement/policy/clock.c */

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    while (!policy_may_evict(clock->hand) || policy_test_modified(clock->hand))
        clock->hand = queue_next_round(&clock->ring, clock->hand);
    return clock->hand;
}
