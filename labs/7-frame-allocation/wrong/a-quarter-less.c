/* who is nice has a quarter less at each step. */

/* file: mm/frame_allocation/allocation.c */

uint32_t allocation_weight(int nice)
{
    uint64_t weight = 1024ull << 16;
    for (; nice < 0; nice++)
        weight = weight * 5 / 4;
    for (; nice > 0; nice--)
        weight = weight * 3 / 4;
    return (uint32_t)(weight >> 16);
}
