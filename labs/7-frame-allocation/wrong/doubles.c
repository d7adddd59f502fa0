/* each step of niceness is twice as much. */

/* file: mm/frame_allocation/allocation.c */

uint32_t allocation_weight(int nice)
{
    return nice < 0 ? 1024u << (-nice < 20 ? -nice : 20) : 1024u >> (nice < 10 ? nice : 10);
}
