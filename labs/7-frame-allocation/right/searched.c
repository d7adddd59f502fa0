/* parts are searched for, not divided. */

/* file: mm/frame_allocation/allocation.c */

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    for (unsigned i = 0; i < count; i++)
        claims[i].share = 0;
    while (settle_minimums(scheme, claims, count, &frames))
        ;
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++) {
        if (claims[i].share)
            continue;
        uint64_t low = 0, high = frames, own = measure(scheme, &claims[i]);
        while (low < high) {
            uint64_t middle = (low + high + 1) / 2;
            if ((unsigned __int128)middle * total <= (unsigned __int128)frames * own)
                low = middle;
            else
                high = middle - 1;
        }
        claims[i].share = (uint32_t)low;
    }
}
