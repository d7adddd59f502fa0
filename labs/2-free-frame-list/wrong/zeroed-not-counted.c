/* frames that are zeroed ahead of need are not counted as such. */

/* file: mm/frames/frame.c */

static bool zero_one(void) REQUIRES(mm)
{
    if (frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    frame_t frame = lists[FRAME_LIST_PLAIN].head;
    if (!frame_is(frame))
        return false;
    queue_remove(&lists[FRAME_LIST_PLAIN], frame);
    frame_clear(frame);
    frame_get(frame)->zeroed = true;
    queue_append(&lists[FRAME_LIST_ZEROED], frame);
    return true;
}
