/* a working set and an eighth are wished, and no minimum more. */

/* file: mm/frame_allocation/allocation.c */

static void wish_working_sets(struct claim *claims, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t wish = (uint64_t)claims[i].working_set + claims[i].working_set / 8;
        claims[i].share = wish < claims[i].minimum ? claims[i].minimum
                          : wish < UINT32_MAX      ? (uint32_t)wish
                                                   : UINT32_MAX;
    }
}
