/* a wish that is too large begins again at 0. */

/* file: mm/frame_allocation/allocation.c */

static void wish_working_sets(struct claim *claims, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t wish =
            claims[i].working_set + claims[i].working_set / 8 + claims[i].minimum;
        claims[i].share = wish > claims[i].minimum ? (uint32_t)wish : claims[i].minimum;
    }
}
