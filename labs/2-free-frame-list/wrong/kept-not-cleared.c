/* a frame that kept a page is given to who wants zeroes as it is. */

/* file: mm/frames/frame.c */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = first_of(FRAME_LIST_ZEROED, FRAME_LIST_PLAIN, FRAME_LIST_KEPT);
    bool clear = frame_is(frame) && !frame_get(frame)->zeroed &&
                 !page_is(frame_get(frame)->page);
    frame_begin(frame, state);
    if (clear)
        frame_clear(frame);
    return frame;
}
