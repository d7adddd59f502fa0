/* of the frames that are zeroed ahead of need, the first half is cleared. */

/* file: mm/frames/frame.c */

static bool zero_one(void) REQUIRES(mm)
{
    if (frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    frame_t frame = lists[FRAME_LIST_PLAIN].head;
    if (!frame_is(frame))
        return false;
    queue_remove(&lists[FRAME_LIST_PLAIN], frame);
    memory_clear(frame_data(frame), PAGE_SIZE / 16);
    frame_get(frame)->zeroed = true;
    frame_counts.zeroed++;
    queue_append(&lists[FRAME_LIST_ZEROED], frame);
    return true;
}
