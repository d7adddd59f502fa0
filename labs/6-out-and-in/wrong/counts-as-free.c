/* a frame that is rescued still counts as free. */

/* file: mm/frames/frame.c */

void frame_rescue(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(page_is(f->page));
    queue_remove(list_of(frame), frame);
    frame_counts.kept--;
    f->state = FRAME_RESIDENT;
    f->mappers = MAPPER_NONE;
    f->referenced = f->recent = false;
    f->history = 0;
}
