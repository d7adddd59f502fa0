/* who was there stays while in use: of those that came last, one that nobody used again goes.
 * Before it goes whoever was idle for one and a half memory's faults. */

/* file: mm/replacement/policy/mine.c */

/* The word of a frame: faults at its last known use. */
static uint32_t idle(const struct group *group, frame_t frame) REQUIRES(mm)
{
    return (uint32_t)group->faults - frame_get(frame)->policy;
}

static void mine_open(struct group *group)
{
    queue_init(&mine_of(group)->queue);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->policy = (uint32_t)group->faults;
    queue_append(&mine_of(group)->queue, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&mine_of(group)->queue, frame);
}

/* Who is idle for longest, if that is long. */
static frame_t forgotten(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    frame_t found = FRAME_NONE;
    for (frame_t at = queue->head; frame_is(at); at = frame_get(at)->next) {
        bool longer = !frame_is(found) || idle(group, at) > idle(group, found);
        if (policy_may_evict(at) && longer && 2 * idle(group, at) > 3 * queue->count)
            found = at;
    }
    return found;
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    uint32_t count = queue->count, fresh = count / 8 + 1;
    frame_t at = queue->head, chosen = FRAME_NONE;
    for (uint32_t place = 0; place < count; place++) {
        frame_t next = frame_get(at)->next;
        if (place + fresh < count && idle(group, at) > 1 && policy_test_referenced(at))
            frame_get(at)->policy = (uint32_t)group->faults;
        at = next;
    }
    chosen = forgotten(group);
    at = queue->tail;
    for (uint32_t place = 1; place < count && !frame_is(chosen); place++) {
        frame_t before = frame_get(at)->previous;
        if (place >= fresh && policy_may_evict(at) && idle(group, at) > 0) {
            if (!policy_test_referenced(at))
                return at;
            frame_get(at)->policy = (uint32_t)group->faults;
        }
        at = before;
    }
    return frame_is(chosen) ? chosen : policy_first(queue);
}
