/* all groups share one hand. */

/* file: mm/replacement/policy/clock.c */

static frame_t *the_hand(void)
{
    static frame_t hand = FRAME_NONE;
    return &hand;
}

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t place = *the_hand();
    if (!frame_is(place) || frame_get(place)->group != frame_get(frame)->group)
        place = FRAME_NONE;
    queue_insert(&clock->ring, place, frame);
    if (!frame_is(place))
        *the_hand() = frame;
}

static void clock_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    if (frame_same(frame, *the_hand()))
        *the_hand() = queue_next_round(&clock->ring, frame);
    queue_remove(&clock->ring, frame);
    if (clock->ring.count == 0)
        *the_hand() = FRAME_NONE;
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t hand = *the_hand();
    if (!frame_is(hand) || frame_get(hand)->group != group_index(group))
        hand = clock->ring.head;
    for (uint32_t left = 2 * clock->ring.count; left > 0; left--) {
        if (policy_may_evict(hand) && !policy_test_referenced(hand)) {
            *the_hand() = hand;
            return hand;
        }
        hand = queue_next_round(&clock->ring, hand);
    }
    return FRAME_NONE;
}
