/* a page that leaves has lost its frame at once. */

/* file: mm/frames/frame.c */

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    if (page_is(f->page))
        page_lose_frame(f->page);
    f->page = PAGE_NONE;
    queue_append(list_for(frame), frame);
    frame_counts.free++;
}
