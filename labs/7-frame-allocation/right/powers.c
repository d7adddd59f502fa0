/* weights are powers, divided once. */

/* file: mm/frame_allocation/allocation.c */

uint32_t allocation_weight(int nice)
{
    uint64_t above = 1024, below = 1;
    for (int step = nice < 0 ? -nice : nice; step > 0; step--) {
        above *= nice < 0 ? 5 : 4;
        below *= nice < 0 ? 4 : 5;
    }
    return (uint32_t)((above + below / 2) / below);
}
