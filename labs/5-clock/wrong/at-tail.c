/* a new page comes to the tail of the queue, wherever the hand is. */

/* file: mm/replacement/policy/clock.c */

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    queue_append(&clock->ring, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
}
