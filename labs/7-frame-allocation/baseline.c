/* nobody is measured: all weigh the same, wish for all there is, and are cut to the same;
 * whoever has a share keeps it. */

/* file: mm/frame_allocation/allocation.c */

/* without: settle_minimums */

uint32_t allocation_weight(int nice)
{
    (void)nice;
    return 1024;
}

static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    (void)scheme, (void)claim;
    return 1;
}

/* All the same, whatever is measured; or the minimum. */
static void divide(enum allocation_scheme scheme, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    (void)scheme, (void)measure;
    for (unsigned i = 0; i < count; i++) {
        uint32_t part = frames / count;
        claims[i].share = part > claims[i].minimum ? part : claims[i].minimum;
    }
}

/* All the same beyond the minimum. */
static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    uint64_t minimums = 0, shares = 0;
    for (unsigned i = 0; i < count; i++) {
        minimums += claims[i].minimum;
        shares += claims[i].share;
    }
    for (unsigned i = 0; i < count && shares > frames; i++)
        claims[i].share = claims[i].minimum + (uint32_t)((frames - minimums) / count);
}

/* Everybody wishes for everything. */
static void wish_working_sets(struct claim *claims, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        claims[i].share = UINT32_MAX;
}

/* Faults say nothing. */
static uint32_t adjusted(const struct claim *claim, struct allocation_bounds bounds)
{
    (void)bounds;
    return claim->share > claim->minimum ? claim->share : claim->minimum;
}

/* Each for itself. */
static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    for (unsigned i = 0; i < count; i++)
        claims[i].share = adjusted(&claims[i], bounds);
    cut_to_fit(claims, count, frames);
}
