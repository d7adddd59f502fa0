/* evict says that the page has gone, and leaves it where it is. */

/* file: mm/replacement/evict.c */

/* without: evict_unmap */

bool evict(frame_t frame)
{
    group_remove(frame);
    evict_readmit(frame);
    return true;
}
