/* no more than one frame is zeroed at a time. */

/* file: mm/frames/frame.c */

static bool zero_one(void) REQUIRES(mm)
{
    if (frame_counts.zeroed > 0)
        return false;
    frame_t frame = lists[FRAME_LIST_PLAIN].head;
    if (!frame_is(frame))
        return false;
    queue_remove(&lists[FRAME_LIST_PLAIN], frame);
    frame_clear(frame);
    frame_get(frame)->zeroed = true;
    frame_counts.zeroed++;
    queue_append(&lists[FRAME_LIST_ZEROED], frame);
    return true;
}
