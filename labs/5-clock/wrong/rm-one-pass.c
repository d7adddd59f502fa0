/* enhanced: after both rounds the page under the hand goes, without another look for a clean
 * one. */

/* file: mm/replacement/policy/clock_rm.c */

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t frame = clock_rm_round(clock, false, false);
    if (!frame_is(frame))
        frame = clock_rm_round(clock, true, true);
    return frame_is(frame)                 ? frame
           : policy_may_evict(clock->hand) ? clock->hand
                                           : policy_first(&clock->ring);
}
