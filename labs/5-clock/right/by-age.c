/* each frame has the number of its place, and the smallest comes next; enhanced turns a queue. */

/* file: mm/replacement/policy/clock.c */

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct frame_queue *queue = &clock_of(group)->ring;
    frame_get(frame)->policy = queue->count == 0 ? 1 : frame_get(queue->head)->policy + 1;
    queue_prepend(queue, frame);
}

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&clock_of(group)->ring, frame);
}

static frame_t oldest(const struct frame_queue *queue) REQUIRES(mm)
{
    frame_t found = queue->head;
    for (frame_t frame = queue->head; frame_is(frame); frame = frame_get(frame)->next)
        if (frame_get(frame)->policy < frame_get(found)->policy)
            found = frame;
    return found;
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &clock_of(group)->ring;
    for (uint32_t left = 2 * queue->count; left > 0; left--) {
        frame_t frame = oldest(queue);
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
        uint32_t last = frame_get(queue->head)->policy;
        queue_remove(queue, frame);
        queue_prepend(queue, frame);
        frame_get(frame)->policy = last + 1;
    }
    return FRAME_NONE;
}

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced clock_rm_round */

static void clock_rm_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->policy = 0;
    queue_append(&clock_rm_of(group)->ring, frame);
}

static void clock_rm_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&clock_rm_of(group)->ring, frame);
}

static void note_used(const struct frame_queue *queue) REQUIRES(mm)
{
    for (frame_t frame = queue->head; frame_is(frame); frame = frame_get(frame)->next)
        if (policy_may_evict(frame) && policy_test_referenced(frame))
            frame_get(frame)->policy = 1;
}

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &clock_rm_of(group)->ring;
    note_used(queue);
    for (uint32_t step = 0; step < 4 * queue->count; step++) {
        bool second = step / queue->count % 2 == 1;
        frame_t frame = queue->head;
        if (policy_may_evict(frame)) {
            if (policy_test_modified(frame) == second && frame_get(frame)->policy == 0)
                return frame;
            if (second)
                frame_get(frame)->policy = 0;
        }
        queue_remove(queue, frame);
        queue_append(queue, frame);
    }
    return FRAME_NONE;
}
