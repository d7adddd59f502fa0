/* a frame that is rescued is cleared. */

/* file: mm/frames/frame.c */

void frame_rescue(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(page_is(f->page));
    frame_leave(frame);
    frame_clear(frame);
    f->state = FRAME_RESIDENT;
    f->mappers = MAPPER_NONE;
    f->referenced = f->recent = false;
    f->history = 0;
}
