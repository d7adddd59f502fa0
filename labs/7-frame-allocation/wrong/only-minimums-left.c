/* if more is wished than there is, all get the minimum. */

/* file: mm/frame_allocation/allocation.c */

static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += claims[i].share;
    if (sum <= frames)
        return;
    for (unsigned i = 0; i < count; i++)
        claims[i].share = claims[i].minimum;
}
