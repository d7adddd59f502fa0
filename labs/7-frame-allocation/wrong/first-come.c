/* who comes first gets all that it wishes, as long as the others have their minimum. */

/* file: mm/frame_allocation/allocation.c */

static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    for (unsigned i = 0; i < count; i++)
        frames -= claims[i].minimum;
    for (unsigned i = 0; i < count; i++) {
        uint32_t beyond = claims[i].share - claims[i].minimum;
        beyond = beyond < frames ? beyond : frames;
        claims[i].share = claims[i].minimum + beyond;
        frames -= beyond;
    }
}
