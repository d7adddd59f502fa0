/* after each minimum all parts are computed again. */

/* file: mm/frame_allocation/allocation.c */

static bool settle_minimums(enum allocation_scheme scheme, struct claim *claims,
                            unsigned count, uint32_t *frames)
{
    uint64_t total = 0, left = *frames;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        if (claim->share ||
            (total && left * measure(scheme, claim) / total >= claim->minimum))
            continue;
        claim->share = claim->minimum;
        *frames -= claim->minimum;
        return true;
    }
    return false;
}

static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    if (scheme == ALLOCATION_EQUAL)
        return 1;
    return scheme == ALLOCATION_PRIORITY ? claim->weight : claim->size;
}
