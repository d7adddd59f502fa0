/* victim takes what it names out of the queue, and remove does so again. */

/* file: mm/replacement/policy/mine.c */

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    frame_t frame = policy_first(queue);
    if (frame_is(frame))
        queue_remove(queue, frame);
    return frame;
}
