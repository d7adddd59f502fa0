/* the group gets more and more frames than its limit. */

/* file: mm/replacement/policy/mine.c */

static void mine_open(struct group *group)
{
    queue_init(&mine_of(group)->queue);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    if (group->faults > 60 && group->faults % 4 == 0 && group->limit < 24)
        group->limit++;
    return policy_first(queue);
}
