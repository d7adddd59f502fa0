/* enhanced: the round for clean pages clears R, too. */

/* file: mm/replacement/policy/clock_rm.c */

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t frame = FRAME_NONE;
    for (unsigned twice = 0; twice < 2 && !frame_is(frame); twice++) {
        frame = clock_rm_round(clock, false, true);
        if (!frame_is(frame))
            frame = clock_rm_round(clock, true, true);
    }
    return frame;
}
