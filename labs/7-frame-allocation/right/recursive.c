/* a division calls itself for those whose part is enough. */

/* file: mm/frame_allocation/allocation.c */

/* without: settle_minimums */

static void divide_rest(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                        uint64_t left, uint64_t total)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t own = measure(scheme, &claims[i]);
        if (claims[i].share == 0 &&
            (total == 0 || left * own / total < claims[i].minimum)) {
            claims[i].share = claims[i].minimum;
            divide_rest(scheme, claims, count, left - claims[i].minimum, total - own);
            return;
        }
    }
    for (unsigned i = 0; i < count; i++)
        if (claims[i].share == 0)
            claims[i].share = (uint32_t)(left * measure(scheme, &claims[i]) / total);
}

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++) {
        total += measure(scheme, &claims[i]);
        claims[i].share = 0;
    }
    divide_rest(scheme, claims, count, frames, total);
}
