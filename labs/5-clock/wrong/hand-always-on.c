/* the hand goes on whenever any frame leaves. */

/* file: mm/replacement/policy/clock.c */

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    clock->hand = queue_next_round(&clock->ring, clock->hand);
    if (frame_same(frame, clock->hand))
        clock->hand = queue_next_round(&clock->ring, frame);
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        clock->hand = FRAME_NONE;
}
