/* nobody asks for the minimum. */

/* file: mm/frame_allocation/allocation.c */

/* without: settle_minimums */

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++)
        claims[i].share = (uint32_t)(total > 0 ? (uint64_t)frames * measure(scheme, &claims[i]) / total : 0);
}
