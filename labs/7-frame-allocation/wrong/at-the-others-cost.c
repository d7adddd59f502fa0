/* who grows does so at the others' cost. */

/* file: mm/frame_allocation/allocation.c */

static void adjust(struct allocation_bounds bounds, struct claim *claims, unsigned count,
                   uint32_t frames)
{
    for (unsigned i = 0; i < count; i++)
        claims[i].share = adjusted(&claims[i], bounds);
    cut_to_fit(claims, count, frames);
}
