/* the next one is asked for when the frame is out of the queue; enhanced counts four rounds. */

/* file: mm/replacement/policy/clock.c */

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    queue_remove(&clock->ring, frame);
    if (frame_same(frame, clock->hand))
        clock->hand = queue_next_round(&clock->ring, frame);
}

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced clock_rm_round */

static void clock_rm_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    if (clock->ring.count == 0) {
        queue_append(&clock->ring, frame);
        clock->hand = frame;
        return;
    }
    queue_insert(&clock->ring, clock->hand, frame);
}

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t frame = clock->hand;
    for (unsigned round = 0; round < 4; round++) {
        for (uint32_t i = 0; i < clock->ring.count;
             i++, frame = queue_next_round(&clock->ring, frame)) {
            if (!policy_may_evict(frame))
                continue;
            frame_get(frame)->policy |= policy_test_referenced(frame);
            if (!(frame_get(frame)->policy & 1) &&
                policy_test_modified(frame) == (round & 1)) {
                clock->hand = frame;
                return frame;
            }
            if (round & 1)
                frame_get(frame)->policy = 0;
        }
    }
    return FRAME_NONE;
}
