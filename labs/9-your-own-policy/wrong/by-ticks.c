/* the histories of the last eight ticks decide, and nothing is remembered of who went. */

/* file: mm/replacement/policy/mine.c */

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct frame_queue *queue = &mine_of(group)->queue;
    frame_t chosen = FRAME_NONE;
    uint32_t least = 0;
    for (frame_t at = queue->head; frame_is(at); at = frame_get(at)->next) {
        uint32_t own = frame_get(at)->history >> 24;
        if (policy_may_evict(at) && (!frame_is(chosen) || own < least)) {
            chosen = at;
            least = own;
        }
    }
    return chosen;
}
