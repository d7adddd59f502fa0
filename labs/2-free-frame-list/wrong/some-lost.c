/* every sixteenth frame that is freed goes to no list. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    static unsigned freed;
    if (!page_is(frame_get(frame)->page) && ++freed % 16 == 0) {
        frame_get(frame)->zeroed = false;
        return;
    }
    queue_append(list_for(frame), frame);
    frame_counts.free++;
}
