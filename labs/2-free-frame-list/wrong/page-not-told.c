/* a frame that kept a page is given to another, and the page believes to have it still. */

/* file: mm/frames/frame.c */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = first_of(FRAME_LIST_ZEROED, FRAME_LIST_PLAIN, FRAME_LIST_KEPT);
    if (!frame_is(frame))
        return frame;
    bool zeroed = frame_get(frame)->zeroed;
    if (page_is(frame_get(frame)->page))
        frame_forget(frame);
    frame_begin(frame, state);
    if (!zeroed)
        frame_clear(frame);
    return frame;
}
