/* parts are equal, whatever the weights. */

/* file: mm/frame_allocation/allocation.c */

static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    switch (scheme) {
    case ALLOCATION_PROPORTIONAL:
        return claim->size;
    case ALLOCATION_PRIORITY:
        return 1;
    default:
        return 1;
    }
}
