/* the hand stays on a frame that has left. */

/* file: mm/replacement/policy/clock.c */

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        clock->hand = FRAME_NONE;
}
