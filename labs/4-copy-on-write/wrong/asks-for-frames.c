/* fork asks for a frame for each page, and copies none. */

/* file: mm/demand_paging/space_fork.c */

static inline uint32_t fork_page_frames(void)
{
    return 1;
}
