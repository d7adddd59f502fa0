/* who is raised to the minimum costs nobody anything. */

/* file: mm/frame_allocation/allocation.c */

/* without: settle_minimums */

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++) {
        uint64_t part =
            total > 0 ? (uint64_t)frames * measure(scheme, &claims[i]) / total : 0;
        claims[i].share = part > claims[i].minimum ? (uint32_t)part : claims[i].minimum;
    }
}
