/* which part remains is rounded before it is multiplied. */

/* file: mm/frame_allocation/allocation.c */

static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    uint64_t minimums = 0, beyond = 0;
    for (unsigned i = 0; i < count; i++) {
        minimums += claims[i].minimum;
        beyond += claims[i].share - claims[i].minimum;
    }
    if (minimums + beyond <= frames)
        return;
    uint64_t room = frames - minimums;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        claim->share = claim->minimum + (uint32_t)((claim->share - claim->minimum) *
                                                   (room * 100 / beyond) / 100);
    }
}
