/* counts of uses begin again at 0 after the second use. */

/* file: mm/replacement/policy/mine.c */

/* The word of a frame or page: faults << 8 when it was brought up to date, and its count. */
enum { FIRST = 16, RETURN = 4, MORE = 16, MOST = 80 };

/* A sixteenth of the count is forgotten in so many faults. */
static uint32_t up_to_date(struct group *group, uint32_t word, uint32_t frames)
{
    uint32_t past = ((uint32_t)group->faults << 8) - (word & ~0xffu), count = word & 0xff;
    uint32_t steps = (past >> 8) / (frames / 6 + 1);
    for (uint32_t step = 0; step < steps && count > 0; step++)
        count -= (count + 15) / 16;
    return steps == 0 ? word : (uint32_t)group->faults << 8 | count;
}

static void mine_open(struct group *group)
{
    queue_init(&mine_of(group)->queue);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    uint32_t ghost = page_get(frame_get(frame)->page)->ghost, count = FIRST;
    if (ghost != 0)
        count = RETURN + (up_to_date(group, ghost, queue->count) & 0xff);
    frame_get(frame)->policy = (uint32_t)group->faults << 8 | (count < MOST ? count : MOST);
    queue_append(queue, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    page_get(frame_get(frame)->page)->ghost = frame_get(frame)->policy;
    queue_remove(&mine_of(group)->queue, frame);
}

static void count_use(struct group *group, frame_t frame, uint32_t frames) REQUIRES(mm)
{
    uint32_t word = up_to_date(group, frame_get(frame)->policy, frames);
    uint32_t newest = (uint32_t)group->faults << 8 == (word & ~0xffu) + 0x100;
    if (policy_test_referenced(frame) && !newest)
        word = (word & 0xff) >= 32 ? word & ~0xffu : word + MORE;
    frame_get(frame)->policy = word;
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    frame_t least = FRAME_NONE;
    uint32_t left = queue->count;
    for (frame_t at = queue->head; frame_is(at); at = frame_get(at)->next) {
        count_use(group, at, queue->count);
        bool fresh = left-- <= queue->count / 8 + 1;
        uint32_t count = frame_get(at)->policy & 0xff;
        if (policy_may_evict(at) &&
            (!frame_is(least) || (!fresh && count <= (frame_get(least)->policy & 0xff))))
            least = at;
    }
    return least;
}
