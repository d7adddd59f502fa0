/* who is measured 0 gets nothing. */

/* file: mm/frame_allocation/allocation.c */

static bool settle_minimums(enum allocation_scheme scheme, struct claim *claims,
                            unsigned count, uint32_t *frames)
{
    uint64_t total = 0, left = *frames;
    bool settled = false;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        if (claim->share || measure(scheme, claim) == 0 ||
            (total && left * measure(scheme, claim) / total >= claim->minimum))
            continue;
        claim->share = claim->minimum;
        *frames -= claim->minimum;
        settled = true;
    }
    return settled;
}

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < count; i++)
        claims[i].share = 0;
    while (settle_minimums(scheme, claims, count, &frames))
        ;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count && total > 0; i++)
        if (!claims[i].share)
            claims[i].share =
                (uint32_t)((uint64_t)frames * measure(scheme, &claims[i]) / total);
}
