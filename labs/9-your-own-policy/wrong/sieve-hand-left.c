/* it is SIEVE, and the hand stays on a page that ends. */

/* file: mm/replacement/policy/mine.c */

/* without: mine_of */

struct sieve {
    struct frame_queue queue;
    frame_t hand;
};

static struct sieve *sieve_of(struct group *group)
{
    return (struct sieve *)group->state;
}

static void mine_open(struct group *group)
{
    queue_init(&sieve_of(group)->queue);
    sieve_of(group)->hand = FRAME_NONE;
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->policy = 1;
    queue_append(&sieve_of(group)->queue, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&sieve_of(group)->queue, frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct sieve *sieve = sieve_of(group);
    for (frame_t at = sieve->queue.tail; frame_is(at); at = frame_get(at)->previous) {
        if (frame_get(at)->policy == 0)
            break;
        policy_test_referenced(at);
        frame_get(at)->policy = 0;
    }
    for (uint32_t left = 2 * sieve->queue.count; left > 0; left--) {
        if (!frame_is(sieve->hand))
            sieve->hand = sieve->queue.head;
        if (policy_may_evict(sieve->hand) && !policy_test_referenced(sieve->hand)) {
            frame_t found = sieve->hand;
            sieve->hand = frame_get(found)->next;
            return found;
        }
        sieve->hand = frame_get(sieve->hand)->next;
    }
    return FRAME_NONE;
}
