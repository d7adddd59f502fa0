/* the page that came first goes, used or not, as in FIFO. The functions share what they keep of the
 * group, and fall back together. */

/* file: mm/replacement/policy/mine.c */

static void mine_open(struct group *group)
{
    queue_init(&mine_of(group)->queue);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(&mine_of(group)->queue, frame);
}

static void mine_referenced(struct group *group, frame_t frame)
{
    (void)group;
    (void)frame;
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&mine_of(group)->queue, frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    return policy_first(&mine_of(group)->queue);
}
