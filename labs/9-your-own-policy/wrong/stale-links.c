/* victim keeps in mind where it was, also when that page has ended. */

/* file: mm/replacement/policy/mine.c */

/* without: mine_of */

struct searcher {
    struct frame_queue queue;
    frame_t next;
};

static struct searcher *searcher_of(struct group *group)
{
    return (struct searcher *)group->state;
}

static void mine_open(struct group *group)
{
    queue_init(&searcher_of(group)->queue);
    searcher_of(group)->next = FRAME_NONE;
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(&searcher_of(group)->queue, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&searcher_of(group)->queue, frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct searcher *searcher = searcher_of(group);
    frame_t at = frame_is(searcher->next) ? searcher->next : searcher->queue.head;
    for (uint32_t left = 2 * searcher->queue.count; left > 0; left--) {
        frame_t next = queue_next_round(&searcher->queue, at);
        if (policy_may_evict(at) && !policy_test_referenced(at)) {
            searcher->next = searcher->queue.count > 1 ? next : FRAME_NONE;
            return at;
        }
        at = next;
    }
    return FRAME_NONE;
}
