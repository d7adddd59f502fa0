/* zeroed frames are kept back for the kernel, and a program gets the others only. */

/* file: mm/frames/frame.c */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    enum frame_list first = use == FRAME_FOR_KERNEL ? FRAME_LIST_ZEROED : FRAME_LIST_PLAIN;
    frame_t frame = first_of(first, FRAME_LIST_PLAIN, FRAME_LIST_KEPT);
    bool zeroed = frame_is(frame) && frame_get(frame)->zeroed;
    frame_begin(frame, state);
    if (frame_is(frame) && !zeroed)
        frame_clear(frame);
    return frame;
}
