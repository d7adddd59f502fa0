/* once a loop was seen, the page that came last goes, and this is never taken back. */

/* file: mm/replacement/policy/mine.c */

/* without: mine_of */

struct learner {
    struct frame_queue queue;
    uint32_t returns;
};

static struct learner *learner_of(struct group *group)
{
    return (struct learner *)group->state;
}

static void mine_open(struct group *group)
{
    queue_init(&learner_of(group)->queue);
    learner_of(group)->returns = 0;
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct learner *learner = learner_of(group);
    const struct page *page = page_get(frame_get(frame)->page);
    uint32_t away = (uint32_t)group->faults - page->evicted_at;
    if (page->evicted_at != 0 && away < 2 * learner->queue.count)
        learner->returns++;
    queue_append(&learner->queue, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&learner_of(group)->queue, frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct learner *learner = learner_of(group);
    struct frame_queue *queue = &learner->queue;
    frame_t frame = queue->tail;
    while (frame_is(frame) && !policy_may_evict(frame))
        frame = frame_get(frame)->previous;
    if (learner->returns > 2 * queue->count)
        return frame;
    for (uint32_t left = 2 * queue->count; left > 0; left--) {
        frame = queue->head;
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
        queue_remove(queue, frame);
        queue_append(queue, frame);
    }
    return FRAME_NONE;
}
