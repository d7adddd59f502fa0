/* where no zeroed frame is left, a program's page is given another as it is. */

/* file: mm/frames/frame.c */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = first_of(FRAME_LIST_ZEROED, FRAME_LIST_PLAIN, FRAME_LIST_KEPT);
    bool zeroed = frame_is(frame) && frame_get(frame)->zeroed;
    frame_begin(frame, state);
    if (frame_is(frame) && !zeroed && state != FRAME_RESIDENT)
        frame_clear(frame);
    return frame;
}
