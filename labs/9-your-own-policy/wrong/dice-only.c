/* dice decide, whatever was used. */

/* file: mm/replacement/policy/mine.c */

static uint32_t throw(uint32_t sides)
{
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)state * sides >> 32);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    frame_t chosen = FRAME_NONE;
    uint32_t met = 0;
    for (frame_t at = queue->head; frame_is(at); at = frame_get(at)->next)
        if (policy_may_evict(at) && throw(++met) == 0)
            chosen = at;
    return chosen;
}
