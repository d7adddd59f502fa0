/* a frame is cleared as soon as it is freed, though nobody may want zeroes. */

/* file: mm/frames/frame.c */

static struct frame_queue *list_for(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (page_is(f->page)) {
        f->zeroed = false;
        frame_counts.kept++;
        return &lists[FRAME_LIST_KEPT];
    }
    if (!f->zeroed)
        frame_clear(frame);
    f->zeroed = true;
    frame_counts.zeroed++;
    return &lists[FRAME_LIST_ZEROED];
}
