/* each gets what it wishes, whether it is there or not. */

/* file: mm/frame_allocation/allocation.c */

static void cut_to_fit(struct claim *claims, unsigned count, uint32_t frames)
{
    (void)claims, (void)count, (void)frames;
}
