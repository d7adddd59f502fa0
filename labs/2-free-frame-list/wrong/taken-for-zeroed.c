/* a frame that is freed counts as zeroed, whatever is in it. */

/* file: mm/frames/frame.c */

static struct frame_queue *list_for(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (page_is(f->page)) {
        f->zeroed = false;
        frame_counts.kept++;
        return &lists[FRAME_LIST_KEPT];
    }
    f->zeroed = true;
    frame_counts.zeroed++;
    return &lists[FRAME_LIST_ZEROED];
}
