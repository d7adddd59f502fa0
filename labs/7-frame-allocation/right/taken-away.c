/* what is too much is taken away, rounded up. */

/* file: mm/frame_allocation/allocation.c */

static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    uint64_t wished = 0, beyond = 0;
    for (unsigned i = 0; i < count; i++) {
        wished += claims[i].share;
        beyond += claims[i].share - claims[i].minimum;
    }
    uint64_t excess = wished > frames ? wished - frames : 0;
    for (unsigned i = 0; i < count && excess > 0; i++) {
        uint64_t part = (claims[i].share - claims[i].minimum) * excess;
        claims[i].share -= (uint32_t)(part / beyond + (part % beyond != 0));
    }
}

static void wish_working_sets(struct claim *claims, unsigned count)
{
    for (struct claim *claim = claims; claim < claims + count; claim++) {
        uint64_t wish = 9ull * claim->working_set / 8 + claim->minimum;
        claim->share = (uint32_t)(wish > UINT32_MAX ? UINT32_MAX : wish);
    }
}
