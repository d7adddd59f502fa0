/* a new page comes in front of the hand, which is on it next. */

/* file: mm/replacement/policy/clock.c */

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    queue_insert(&clock->ring, clock->hand, frame);
    clock->hand = frame;
}
