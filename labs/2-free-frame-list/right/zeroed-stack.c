/* zeroed frames are a stack, and the newest plain frame is cleared first. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame_queue *list = list_for(frame);
    frame_counts.free++;
    queue_insert(list, list == &lists[FRAME_LIST_ZEROED] ? list->head : FRAME_NONE, frame);
}

static bool zero_one(void) REQUIRES(mm)
{
    frame_t frame = lists[FRAME_LIST_PLAIN].tail;
    if (!frame_is(frame) || frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    queue_remove(list_of(frame), frame);
    frame_get(frame)->zeroed = true;
    frame_clear(frame);
    queue_prepend(list_of(frame), frame);
    frame_counts.zeroed++;
    return true;
}
