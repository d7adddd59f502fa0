/* a frame that is freed is filled with junk, asked for or not. */

/* file: mm/frames/frame.c */

/* without: list_for */

static void list_put(frame_t frame) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    f->zeroed = false;
    if (page_is(f->page))
        frame_counts.kept++;
    else
        __builtin_memset(frame_data(frame), 0xdb, PAGE_SIZE);
    queue_append(list_of(frame), frame);
    frame_counts.free++;
}
