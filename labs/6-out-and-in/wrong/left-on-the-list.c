/* a frame that is rescued stays on the free list. */

/* file: mm/frames/frame.c */

void frame_rescue(frame_t frame)
{
    struct frame *f = frame_get(frame);
    ASSERT(page_is(f->page));
    f->state = FRAME_RESIDENT;
    f->mappers = MAPPER_NONE;
    f->referenced = f->recent = false;
    f->history = 0;
}
