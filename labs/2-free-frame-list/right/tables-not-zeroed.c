/* an empty table counts as plain, and each kind of frame is put by itself. */

/* file: mm/frames/frame.c */

/* without: list_for */

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    f->zeroed = false;
    frame_counts.kept += page_is(f->page);
    if (!page_is(f->page))
        frame_spoil(frame);
    queue_insert(list_of(frame), FRAME_NONE, frame);
    frame_counts.free++;
}
