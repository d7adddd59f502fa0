/* the hand goes to the head of the queue when its frame leaves. */

/* file: mm/replacement/policy/clock.c */

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    queue_remove(&clock->ring, frame);
    if (frame_same(frame, clock->hand))
        clock->hand = clock->ring.head;
}
