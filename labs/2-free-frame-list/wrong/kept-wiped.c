/* the idle loop clears frames that keep a page, and the pages find zeroes. */

/* file: mm/frames/frame.c */

static bool zero_one(void) REQUIRES(mm)
{
    if (frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    for (frame_t kept = lists[FRAME_LIST_KEPT].head; frame_is(kept);
         kept = frame_get(kept)->next)
        frame_clear(kept);
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
