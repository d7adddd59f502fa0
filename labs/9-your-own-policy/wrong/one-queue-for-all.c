/* all groups share what is kept: it is static. */

/* file: mm/replacement/policy/mine.c */

static struct frame_queue *the_queue(void)
{
    static struct frame_queue queue = QUEUE_EMPTY;
    return &queue;
}

static void mine_open(struct group *group)
{
    if (the_queue()->count == 0)
        queue_init(the_queue());
    queue_init(&mine_of(group)->queue);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    (void)group;
    queue_append(the_queue(), frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    (void)group;
    queue_remove(the_queue(), frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    (void)group;
    for (uint32_t left = 2 * the_queue()->count; left > 0; left--) {
        frame_t frame = the_queue()->head;
        if (policy_may_evict(frame) && !policy_test_referenced(frame))
            return frame;
        queue_remove(the_queue(), frame);
        queue_append(the_queue(), frame);
    }
    return FRAME_NONE;
}
