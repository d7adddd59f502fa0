/* remove forgets only pages that went, and not those that ended. */

/* file: mm/replacement/policy/mine.c */

static bool ends(const struct frame_queue *queue, frame_t frame) REQUIRES(mm)
{
    return queue->count > 1 && !frame_same(queue->head, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    if (!ends(queue, frame))
        queue_remove(queue, frame);
}
