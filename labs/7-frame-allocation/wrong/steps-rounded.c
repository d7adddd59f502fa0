/* each step of niceness is rounded down. */

/* file: mm/frame_allocation/allocation.c */

uint32_t allocation_weight(int nice)
{
    uint32_t weight = 1024;
    for (; nice < 0; nice++)
        weight += weight / 4;
    for (; nice > 0; nice--)
        weight = weight * 4 / 5;
    return weight;
}
