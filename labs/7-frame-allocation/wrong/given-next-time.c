/* what some give others get only the next time. */

/* file: mm/frame_allocation/allocation.c */

static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    uint64_t held = 0, wished = 0;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        uint32_t to = adjusted(claim, bounds);
        held += claim->share ? claim->share : to;
        wished += claim->share && to > claim->share ? to - claim->share : 0;
    }
    uint64_t room = held < frames ? frames - held : 0;
    for (unsigned i = 0; i < count; i++) {
        struct claim *claim = &claims[i];
        uint32_t to = adjusted(claim, bounds);
        if (claim->share && to > claim->share && wished > room)
            to = claim->share + (uint32_t)((to - claim->share) * room / wished);
        claim->share = to > claim->minimum ? to : claim->minimum;
    }
    cut_to_fit(claims, count, frames); /* there may be fewer frames than there were */
}
