/* whose part is the smallest by its minimum gets that first, one after the other. */

/* file: mm/frame_allocation/allocation.c */

/* without: settle_minimums */

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    bool settled[256];
    uint64_t left = frames, total = 0;
    for (unsigned i = 0; i < count; i++) {
        settled[i] = false;
        total += measure(scheme, &claims[i]);
    }
    for (bool again = true; again;) {
        again = false;
        for (unsigned i = count; i-- > 0;) {
            uint64_t own = measure(scheme, &claims[i]);
            if (settled[i] || (total > 0 && left * own >= claims[i].minimum * total))
                continue;
            settled[i] = again = true;
            claims[i].share = claims[i].minimum;
            left -= claims[i].minimum;
            total -= own;
        }
    }
    for (unsigned i = 0; i < count; i++)
        if (!settled[i])
            claims[i].share = (uint32_t)(left * measure(scheme, &claims[i]) / total);
}
