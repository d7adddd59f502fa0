/* enhanced: the hand comes back to where the search began. */

/* file: mm/replacement/policy/clock_rm.c */

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t frame = FRAME_NONE, home = clock->hand;
    for (unsigned twice = 0; twice < 2 && !frame_is(frame); twice++) {
        frame = clock_rm_round(clock, false, false);
        if (!frame_is(frame))
            frame = clock_rm_round(clock, true, true);
    }
    clock->hand = home;
    return frame;
}
