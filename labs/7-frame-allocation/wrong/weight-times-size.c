/* by priority parts are in proportion to weight times size. */

/* file: mm/frame_allocation/allocation.c */

static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    switch (scheme) {
    case ALLOCATION_PROPORTIONAL:
        return claim->size;
    case ALLOCATION_PRIORITY:
        return claim->weight * claim->size;
    default:
        return 1;
    }
}
