/* frames are cleared word by word, and each list is asked in turn. */

/* file: mm/frames/frame.c */

static void wipe(frame_t frame) REQUIRES(mm)
{
    volatile uint64_t *words = frame_data(frame);
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i++)
        words[i] = 0;
}

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    static const enum frame_list turn[] = {FRAME_LIST_ZEROED, FRAME_LIST_PLAIN,
                                           FRAME_LIST_KEPT};
    for (unsigned i = 0; frame_granted(use) && i < FRAME_LISTS; i++) {
        frame_t frame = lists[turn[i]].head;
        if (!frame_is(frame))
            continue;
        frame_begin(frame, state);
        if (turn[i] != FRAME_LIST_ZEROED)
            wipe(frame);
        return frame;
    }
    return FRAME_NONE;
}
