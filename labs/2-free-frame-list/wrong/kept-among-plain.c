/* frames that keep a page stand among the plain ones. */

/* file: mm/frames/frame.c */

static struct frame_queue *list_of(frame_t frame) REQUIRES(mm)
{
    return &lists[frame_get(frame)->zeroed ? FRAME_LIST_ZEROED : FRAME_LIST_PLAIN];
}

static struct frame_queue *list_for(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (page_is(f->page)) {
        f->zeroed = false;
        frame_counts.kept++;
    } else if (f->zeroed) {
        frame_counts.zeroed++;
    }
    return list_of(frame);
}

void frame_forget(frame_t frame)
{
    frame_get(frame)->page = PAGE_NONE;
    frame_counts.kept--;
}
