/* victim goes round until it finds a page that was never written. */

/* file: mm/replacement/policy/mine.c */

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    for (;;) {
        frame_t frame = queue->head;
        if (policy_may_evict(frame) && !policy_test_modified(frame))
            return frame;
        queue_remove(queue, frame);
        queue_append(queue, frame);
    }
}
