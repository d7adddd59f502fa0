/* who grows does so whether there are frames or not. */

/* file: mm/frame_allocation/allocation.c */

static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    (void)frames, (void)cut_to_fit;
    for (unsigned i = 0; i < count; i++)
        claims[i].share = adjusted(&claims[i], bounds);
}
