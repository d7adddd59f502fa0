/* by size parts are in proportion to weight, and by priority to size. */

/* file: mm/frame_allocation/allocation.c */

static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    switch (scheme) {
    case ALLOCATION_PROPORTIONAL:
        return claim->weight;
    case ALLOCATION_PRIORITY:
        return claim->size;
    default:
        return 1;
    }
}
