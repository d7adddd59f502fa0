/* all that is wished is cut in proportion, the minimum, too. */

/* file: mm/frame_allocation/allocation.c */

static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += claims[i].share;
    if (sum <= frames)
        return;
    for (unsigned i = 0; i < count; i++)
        claims[i].share = (uint32_t)((uint64_t)claims[i].share * frames / sum);
}
