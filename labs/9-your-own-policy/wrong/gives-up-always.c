/* whoever comes back takes the place of the one idle longest, however long it was away. */

/* file: mm/replacement/policy/mine.c */

/* without: mine_of */

/* The word of a frame or page: faults << 1 at its last known use | is it of the main queue? */
struct queues {
    struct frame_queue fresh, main;
};

static struct queues *queues_of(struct group *group)
{
    return (struct queues *)group->state;
}

/* Of the main queue, the one whose last use is longest ago; used ones before it go to the tail. */
static frame_t stalest(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &queues_of(group)->main;
    for (uint32_t left = queue->count; left > 0; left--) {
        frame_t frame = queue->head;
        if (!policy_test_referenced(frame))
            return frame;
        frame_get(frame)->policy = (uint32_t)group->faults << 1 | 1;
        queue_remove(queue, frame);
        queue_append(queue, frame);
    }
    return queue->head;
}

/* From the main queue to the fresh one, to go next. */
static void give_up(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct queues *queues = queues_of(group);
    queue_remove(&queues->main, frame);
    frame_get(frame)->policy &= ~1u;
    queue_prepend(&queues->fresh, frame);
}

static void mine_open(struct group *group)
{
    queue_init(&queues_of(group)->fresh);
    queue_init(&queues_of(group)->main);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct queues *queues = queues_of(group);
    frame_get(frame)->policy = page_get(frame_get(frame)->page)->ghost & ~1u;
    queue_append(&queues->fresh, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct queues *queues = queues_of(group);
    uint32_t word = frame_get(frame)->policy;
    page_get(frame_get(frame)->page)->ghost = word;
    queue_remove(word & 1 ? &queues->main : &queues->fresh, frame);
}

/* The first of the fresh queue has waited long enough: where does it belong? */
static bool settles(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct queues *queues = queues_of(group);
    uint32_t n = queues->fresh.count + queues->main.count,
             before = frame_get(frame)->policy;
    bool used = policy_test_referenced(frame);
    frame_t old = stalest(group);
    bool room = queues->main.count < n - n / 4 - 1;
    bool sooner = before != 0 && frame_is(old);
    frame_get(frame)->policy = (uint32_t)group->faults << 1;
    if (!used || !(room || sooner))
        return false;
    if (!room)
        give_up(group, old);
    queue_remove(&queues->fresh, frame);
    queue_append(&queues->main, frame);
    frame_get(frame)->policy |= 1;
    return true;
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct queues *queues = queues_of(group);
    for (uint32_t left = queues->fresh.count; left > 0; left--) {
        frame_t frame = policy_first(&queues->fresh);
        if (!frame_is(frame))
            break;
        if (!settles(group, frame))
            return frame;
    }
    frame_t frame = policy_first(&queues->main);
    return frame_is(frame) ? frame : policy_first(&queues->fresh);
}
