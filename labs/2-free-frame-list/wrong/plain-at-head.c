/* plain frames are a stack, the others a queue. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame_queue *list = list_for(frame);
    if (list == &lists[FRAME_LIST_PLAIN])
        queue_prepend(list, frame);
    else
        queue_append(list, frame);
    frame_counts.free++;
}
