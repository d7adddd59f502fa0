/* the last one is not counted in the sum of what is measured. */

/* file: mm/frame_allocation/allocation.c */

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        claims[i].share = 0;
    while (settle_minimums(scheme, claims, count, &frames))
        ;
    for (unsigned i = 0; i + 1 < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++)
        if (!claims[i].share)
            claims[i].share = (uint32_t)((uint64_t)frames * measure(scheme, &claims[i]) /
                                         (total ? total : 1));
}
