/* where no zeroed frame is left, only the first half of another is cleared for a program's page. */

/* file: mm/frames/frame.c */

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    if (!frame_granted(use))
        return FRAME_NONE;
    frame_t frame = first_of(FRAME_LIST_ZEROED, FRAME_LIST_PLAIN, FRAME_LIST_KEPT);
    size_t words = PAGE_SIZE / (state == FRAME_RESIDENT ? 16 : 8);
    bool zeroed = frame_is(frame) && frame_get(frame)->zeroed;
    frame_begin(frame, state);
    if (frame_is(frame) && !zeroed)
        memory_clear(frame_data(frame), words);
    return frame;
}
