/* what is remembered of a page stays with its frame, for whichever page comes next. */

/* file: mm/replacement/policy/mine.c */

#define UNKNOWN 0xffffu

/* The word of a frame or page: faults << 16 at its last known use | the time between its uses. */
static uint32_t word_of(struct group *group, uint32_t gap)
{
    return (uint32_t)group->faults << 16 | (gap < UNKNOWN ? gap : UNKNOWN);
}

static uint32_t since(struct group *group, uint32_t word)
{
    return ((uint32_t)group->faults - (word >> 16)) & 0xffff;
}

/* It was used: the new time between uses counts half, the old ones the other half. */
static uint32_t used(struct group *group, uint32_t word)
{
    uint32_t gap = word & 0xffff, now = since(group, word);
    return word_of(group, gap == UNKNOWN ? now : (gap + now + 1) / 2);
}

static void mine_open(struct group *group)
{
    queue_init(&mine_of(group)->queue);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    uint32_t ghost = frame_get(frame)->policy;
    frame_get(frame)->policy = ghost == 0 ? word_of(group, UNKNOWN) : used(group, ghost);
    queue_append(&mine_of(group)->queue, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&mine_of(group)->queue, frame);
}

/* In how many faults it is expected. */
static uint32_t expected(struct group *group, frame_t frame, uint32_t count) REQUIRES(mm)
{
    uint32_t word = frame_get(frame)->policy, gap = word & 0xffff,
             past = since(group, word);
    if (gap == UNKNOWN)
        return past < count / 8 + 2 ? 0 : 0x10000 + past;
    if (past > 2 * gap + count / 4)
        return 0x20000 + past;
    return gap > past ? gap - past : 0;
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    frame_t last = FRAME_NONE;
    uint32_t most = 0;
    for (frame_t at = queue->head; frame_is(at); at = frame_get(at)->next) {
        if (policy_test_referenced(at) && since(group, frame_get(at)->policy) > 1)
            frame_get(at)->policy = used(group, frame_get(at)->policy);
        uint32_t when = expected(group, at, queue->count);
        if (policy_may_evict(at) && (!frame_is(last) || when > most)) {
            last = at;
            most = when;
        }
    }
    return last;
}
