/* rounding leaves nothing over; a working set has a quarter to spare; who faults too often
 * grows by half. */

/* file: mm/frame_allocation/allocation.c */

/* Give away what rounding has left, one frame each, to whose part lost most. */
static void give_leftovers(struct claim *claims, unsigned count, uint64_t *lost,
                           uint64_t over)
{
    for (; over > 0; over--) {
        unsigned most = 0;
        for (unsigned i = 1; i < count; i++)
            most = lost[i] > lost[most] ? i : most;
        claims[most].share++;
        lost[most] = 0;
    }
}

static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t total = 0, lost[256];
    for (unsigned i = 0; i < count; i++)
        claims[i].share = 0;
    while (settle_minimums(scheme, claims, count, &frames))
        ;
    for (unsigned i = 0; i < count; i++)
        total += claims[i].share ? 0 : measure(scheme, &claims[i]);
    uint64_t over = total > 0 ? frames : 0;
    for (unsigned i = 0; i < count; i++) {
        lost[i] = 0;
        if (claims[i].share)
            continue;
        uint64_t product = (uint64_t)frames * measure(scheme, &claims[i]);
        claims[i].share = (uint32_t)(product / total);
        lost[i] = product % total;
        over -= claims[i].share;
    }
    give_leftovers(claims, count, lost, over);
}

static void wish_working_sets(struct claim *claims, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t wish =
            (uint64_t)claims[i].working_set + claims[i].working_set / 4 + claims[i].minimum;
        claims[i].share = wish < UINT32_MAX ? (uint32_t)wish : UINT32_MAX;
    }
}

static uint32_t adjusted(const struct claim *claim, struct allocation_bounds bounds)
{
    uint32_t share = claim->share;
    if (share == 0)
        return claim->minimum;
    if (claim->judged && claim->fault_rate > bounds.upper)
        share += share / 2 + 1;
    else if (claim->judged && claim->fault_rate < bounds.lower)
        share -= share / 16 + 1;
    return share > claim->minimum ? share : claim->minimum;
}
