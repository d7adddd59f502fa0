/* victim names the page at the tail of the queue, whoever that is. */

/* file: mm/replacement/policy/clock.c */

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    return clock_of(group)->ring.tail;
}
