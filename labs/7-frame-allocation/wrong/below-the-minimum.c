/* who faults seldom shrinks below its minimum. */

/* file: mm/frame_allocation/allocation.c */

static uint32_t adjusted(const struct claim *claim, struct allocation_bounds bounds)
{
    uint32_t share = claim->share;
    if (share == 0)
        return claim->minimum;
    if (claim->judged && claim->fault_rate > bounds.upper)
        share += share / 4 + 1;
    else if (claim->judged && claim->fault_rate < bounds.lower)
        share -= share / 16 + 1;
    return share > 0 ? share : 1;
}

static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t held = 0, wished = 0;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        uint32_t to = adjusted(claim, bounds);
        held += to < claim->share || !claim->share ? to : claim->share;
        wished += claim->share && to > claim->share ? to - claim->share : 0;
    }
    uint64_t room = held < frames ? frames - held : 0;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        uint32_t to = adjusted(claim, bounds);
        if (claim->share && to > claim->share && wished > room)
            to = claim->share + (uint32_t)((to - claim->share) * room / wished);
        claim->share = to;
    }
    cut_to_fit(claims, count, frames); /* there may be fewer frames than there were */
}
