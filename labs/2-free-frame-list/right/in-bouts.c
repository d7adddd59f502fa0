/* the idle loop begins when half of the zeroed frames are used, and then fills them up. */

/* file: mm/frames/frame.c */

static bool zero_one(void) REQUIRES(mm)
{
    static bool filling = true;
    uint32_t most = frame_counts.total / 8;
    if (frame_counts.zeroed <= most / 2)
        filling = true;
    frame_t frame = lists[FRAME_LIST_PLAIN].head;
    if (frame_counts.zeroed >= most || !frame_is(frame))
        filling = false;
    if (!filling)
        return false;
    queue_remove(&lists[FRAME_LIST_PLAIN], frame);
    memory_clear(frame_data(frame), PAGE_SIZE / 8);
    frame_get(frame)->zeroed = true;
    frame_counts.zeroed++;
    queue_append(&lists[FRAME_LIST_ZEROED], frame);
    return true;
}
