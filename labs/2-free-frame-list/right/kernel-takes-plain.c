/* the kernel leaves zeroed frames to the programs while there are plain ones. */

/* file: mm/frames/frame.c */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (use == FRAME_FOR_USER && lists[FRAME_LIST_ZEROED].count > 0)
        return frame_granted(use) ? frame_begin(lists[FRAME_LIST_ZEROED].head, state)
                                  : FRAME_NONE;
    frame_t frame = frame_take(use, state);
    if (frame_is(frame))
        frame_clear(frame);
    return frame;
}
