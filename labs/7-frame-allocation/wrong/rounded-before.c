/* how many frames there are for one is rounded before it is multiplied. */

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
        if (claim->share ||
            (total && left / total * measure(scheme, claim) >= claim->minimum))
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
    for (unsigned i = 0; i < count; i++)
        if (!claims[i].share)
            claims[i].share = (uint32_t)(frames / total * measure(scheme, &claims[i]));
}
