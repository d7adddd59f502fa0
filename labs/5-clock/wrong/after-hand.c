/* the hand comes to a new page right after the one that it is on. */

/* file: mm/replacement/policy/clock.c */

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t next = frame_is(clock->hand) ? frame_get(clock->hand)->next : FRAME_NONE;
    queue_insert(&clock->ring, next, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
}
