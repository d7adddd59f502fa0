/* the page that came last goes. */

/* file: mm/replacement/policy/mine.c */

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    frame_t frame = queue->tail;
    while (frame_is(frame) && !policy_may_evict(frame))
        frame = frame_get(frame)->previous;
    return frame;
}
