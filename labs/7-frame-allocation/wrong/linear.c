/* each step of niceness is the same number more. */

/* file: mm/frame_allocation/allocation.c */

uint32_t allocation_weight(int nice)
{
    return (uint32_t)(1024 - nice * 50);
}
