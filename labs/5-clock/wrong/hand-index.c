/* the hand is a number of places from the head, and does not follow when a page before it
 * leaves. */

/* file: mm/replacement/policy/clock.c */

static frame_t nth(const struct frame_queue *queue, uint32_t number) REQUIRES(mm)
{
    frame_t frame = queue->head;
    while (number-- > 0)
        frame = queue_next_round(queue, frame);
    return frame;
}

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    uint32_t at = clock->hand.number == FRAME_NONE.number ? 0 : clock->hand.number;
    queue_insert(&clock->ring, at < clock->ring.count ? nth(&clock->ring, at) : FRAME_NONE,
                 frame);
    if (clock->ring.count > 1)
        clock->hand = (frame_t){(at + 1) % clock->ring.count};
    else
        clock->hand = (frame_t){0};
}

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&clock_of(group)->ring, frame);
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    if (clock->ring.count == 0)
        return FRAME_NONE;
    uint32_t at = clock->hand.number % clock->ring.count;
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        frame_t frame = nth(&clock->ring, at);
        if (policy_may_evict(frame) && !policy_test_referenced(frame)) {
            clock->hand = (frame_t){at};
            return frame;
        }
        at = (at + 1) % clock->ring.count;
    }
    return FRAME_NONE;
}
