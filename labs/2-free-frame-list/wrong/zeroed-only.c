/* who wants zeroes is refused where no frame is zeroed. */

/* file: mm/frames/frame.c */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    return frame_begin(lists[FRAME_LIST_ZEROED].head, state);
}
