/* each has the minimum, and a part of the rest. */

/* file: mm/frame_allocation/allocation.c */

/* without: settle_minimums */

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++) {
        total += measure(scheme, &claims[i]);
        frames -= claims[i].minimum;
    }
    for (unsigned i = 0; i < count; i++)
        claims[i].share =
            claims[i].minimum +
            (uint32_t)(total > 0 ? (uint64_t)frames * measure(scheme, &claims[i]) / total
                                 : 0);
}
