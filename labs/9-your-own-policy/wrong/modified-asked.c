/* M is asked instead of R: whoever was written stays. */

/* file: mm/replacement/policy/mine.c */

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    for (uint32_t left = 2 * queue->count; left > 0; left--) {
        frame_t frame = queue->head;
        bool second = left <= queue->count;
        if (policy_may_evict(frame) && (second || !policy_test_modified(frame)))
            return frame;
        queue_remove(queue, frame);
        queue_append(queue, frame);
    }
    return FRAME_NONE;
}
