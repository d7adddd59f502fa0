/* a working set is wished without anything to spare. */

/* file: mm/frame_allocation/allocation.c */

static void wish_working_sets(struct claim *claims, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t wish = (uint64_t)claims[i].working_set + claims[i].minimum;
        claims[i].share = wish < UINT32_MAX ? (uint32_t)wish : UINT32_MAX;
    }
}
