/* where no frame is plain, those that keep a page are cleared. */

/* file: mm/frames/frame.c */

static bool zero_one(void) REQUIRES(mm)
{
    if (frame_counts.zeroed >= frame_counts.total / 8)
        return false;
    frame_t frame = lists[FRAME_LIST_PLAIN].head;
    if (!frame_is(frame)) {
        frame = lists[FRAME_LIST_KEPT].head;
        if (!frame_is(frame))
            return false;
        page_lose_frame(frame_get(frame)->page);
        frame_forget(frame);
    }
    queue_remove(&lists[FRAME_LIST_PLAIN], frame);
    frame_clear(frame);
    frame_get(frame)->zeroed = true;
    frame_counts.zeroed++;
    queue_append(&lists[FRAME_LIST_ZEROED], frame);
    return true;
}
