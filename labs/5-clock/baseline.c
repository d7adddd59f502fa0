/* the page that came first goes, used or not, as in FIFO. In each file admit, remove and
 * victim share one invariant and fall back together; the helpers that only victim calls have
 * no baseline. */

/* file: mm/replacement/policy/clock.c */

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(&clock_of(group)->ring, frame);
}

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&clock_of(group)->ring, frame);
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    return policy_first(&clock_of(group)->ring);
}

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced clock_rm_round */

static void clock_rm_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(&clock_rm_of(group)->ring, frame);
}

static void clock_rm_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&clock_rm_of(group)->ring, frame);
}

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    return policy_first(&clock_rm_of(group)->ring);
}
