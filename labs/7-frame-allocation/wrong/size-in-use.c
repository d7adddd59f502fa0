/* parts are in proportion to what is in use. */

/* file: mm/frame_allocation/allocation.c */

static uint32_t measure(enum allocation_scheme scheme, const struct claim *claim)
{
    switch (scheme) {
    case ALLOCATION_PROPORTIONAL:
        return claim->working_set;
    case ALLOCATION_PRIORITY:
        return claim->weight;
    default:
        return 1;
    }
}
