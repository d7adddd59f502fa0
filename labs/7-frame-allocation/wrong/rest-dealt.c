/* what rounding leaves is dealt out, one each, from the first. */

/* file: mm/frame_allocation/allocation.c */

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    uint32_t left = frames;
    for (unsigned i = 0; i < count; i++)
        claims[i].share = 0;
    while (settle_minimums(scheme, claims, count, &frames))
        ;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++)
        if (!claims[i].share)
            claims[i].share =
                (uint32_t)((uint64_t)frames * measure(scheme, &claims[i]) / total);
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++)
        sum += claims[i].share;
    for (unsigned i = 0; i < count && total > 0 && sum < left; i++, sum++)
        claims[i].share++;
}
