/* both are a queue that is turned, with what the frame words say of R. */

/* file: mm/replacement/policy/clock.c */

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->policy = 0;
    queue_prepend(&clock_of(group)->ring, frame);
}

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&clock_of(group)->ring, frame);
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &clock_of(group)->ring;
    for (uint32_t tried = 0; tried < 2 * queue->count; tried++) {
        frame_t frame = queue->tail;
        if (policy_may_evict(frame)) {
            if (policy_test_referenced(frame))
                frame_get(frame)->policy = 1;
            if (frame_get(frame)->policy == 0)
                return frame;
            frame_get(frame)->policy = 0;
        }
        queue_remove(queue, frame);
        queue_prepend(queue, frame);
    }
    return FRAME_NONE;
}

/* file: mm/replacement/policy/clock_rm.c */

static void clock_rm_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    if (clock->ring.count == 0)
        clock->hand = frame;
    queue_insert(&clock->ring, clock->ring.count ? clock->hand : FRAME_NONE, frame);
    frame_get(frame)->policy = 0;
}
