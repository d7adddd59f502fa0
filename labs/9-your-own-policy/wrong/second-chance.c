/* the second chance decides: who was used goes to the tail, and nothing is remembered. */

/* file: mm/replacement/policy/mine.c */

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    for (uint32_t left = 2 * queue->count; left > 0; left--) {
        frame_t frame = queue->head;
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
        queue_remove(queue, frame);
        queue_append(queue, frame);
    }
    return FRAME_NONE;
}
