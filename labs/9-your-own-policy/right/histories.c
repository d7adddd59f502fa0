/* a page has a history of ticks, also while it is away: the one with fewest uses goes.
 * Of equal ones it is the one that came last but is not new. */

/* file: mm/replacement/policy/mine.c */

enum { TICKS = 10, HISTORY = (1 << TICKS) - 1 };

/* The word of a frame or page: ticks << 10 when it was brought up to date | its history, the last
 * tick leftmost. */
static uint32_t up_to_date(const struct group *group, uint32_t word)
{
    uint32_t past = ((uint32_t)group->ticks - (word >> TICKS)) & 0xfffff;
    uint32_t history = past < TICKS ? (word & HISTORY) >> past : 0;
    return (uint32_t)group->ticks << TICKS | history;
}

static uint32_t uses(uint32_t word)
{
    uint32_t count = 0;
    for (uint32_t bits = word & HISTORY; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

static void mine_open(struct group *group)
{
    queue_init(&mine_of(group)->queue);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    frame_get(frame)->policy = up_to_date(group, page_get(frame_get(frame)->page)->ghost);
    queue_append(&mine_of(group)->queue, frame);
}

static void mine_referenced(struct group *group, frame_t frame)
{
    frame_get(frame)->policy =
        up_to_date(group, frame_get(frame)->policy) | 1u << (TICKS - 1);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    uint32_t word = frame_get(frame)->policy;
    page_get(frame_get(frame)->page)->ghost = uses(word) > 0 ? word & (word - 1) : word;
    queue_remove(&mine_of(group)->queue, frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    uint32_t left = queue->count, fresh = queue->count / 8 + 1, fewest = 0;
    frame_t chosen = FRAME_NONE;
    for (frame_t at = queue->head; frame_is(at); at = frame_get(at)->next) {
        bool is_fresh = left-- <= fresh;
        uint32_t own = uses(up_to_date(group, frame_get(at)->policy));
        if (policy_may_evict(at) && (!frame_is(chosen) || (!is_fresh && own <= fewest))) {
            chosen = at;
            fewest = own;
        }
    }
    return chosen;
}
