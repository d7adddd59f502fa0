/* who is below its minimum is raised before anybody grows. */

/* file: mm/frame_allocation/allocation.c */

static uint32_t adjusted(const struct claim *claim, struct allocation_bounds bounds)
{
    uint64_t share = claim->share;
    if (claim->judged && share > 0) {
        if (bounds.upper < claim->fault_rate)
            share = share + 1 + (share >> 2);
        if (claim->fault_rate < bounds.lower)
            share = share - 1 - (share >> 4);
    }
    return (uint32_t)(share < claim->minimum ? claim->minimum : share);
}

static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint32_t should[256];
    uint64_t held = 0, wished = 0;
    for (unsigned i = 0; i < count; i++) {
        should[i] = adjusted(&claims[i], bounds);
        if (claims[i].share < claims[i].minimum)
            claims[i].share = claims[i].minimum;
        if (should[i] < claims[i].share)
            claims[i].share = should[i];
        held += claims[i].share;
        wished += should[i] - claims[i].share;
    }
    uint64_t room = held < frames ? frames - held : 0, of = wished > room ? wished : room;
    for (unsigned i = 0; i < count && of > 0; i++)
        claims[i].share += (uint32_t)((uint64_t)(should[i] - claims[i].share) * room / of);
    if (wished <= room)
        for (unsigned i = 0; i < count; i++)
            claims[i].share = should[i];
    cut_to_fit(claims, count, frames);
}
