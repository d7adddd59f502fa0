/* a page that comes is the second that the hand comes to. */

/* file: mm/replacement/policy/clock.c */

enum { USED = 1, MARKED = 2, NEWEST = 4 };

/* R is kept in the policy's word, as asking for it clears the machine's bit. */
static bool clock_used(frame_t frame) REQUIRES(mm)
{
    if (policy_test_referenced(frame))
        frame_get(frame)->policy |= USED;
    return frame_get(frame)->policy & USED;
}

static frame_t clock_round_1(struct clock *clock) REQUIRES(mm)
{
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame)) {
            if (clock_used(frame)) {
                frame_get(frame)->policy &= ~USED;
            } else {
                return frame;
            }
        }
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}

static void clock_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t place = clock->hand;
    if (frame_is(place))
        place = queue_next_round(&clock->ring, place);
    queue_insert(&clock->ring, place, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
    frame_get(frame)->policy = 0;
}

static frame_t clock_victim(struct group *group) REQUIRES(mm)
{
    struct clock *clock = clock_of(group);
    frame_t frame = clock_round_1(clock);
    if (!frame_is(frame))
        frame = clock_round_1(clock);
    return frame;
}

/* file: mm/replacement/policy/clock_rm.c */

/* without: clock_rm_referenced clock_rm_round */

enum { USED = 1, MARKED = 2, NEWEST = 4 };

/* R is kept in the policy's word, as asking for it clears the machine's bit. */
static bool clock_rm_used(frame_t frame) REQUIRES(mm)
{
    if (policy_test_referenced(frame))
        frame_get(frame)->policy |= USED;
    return frame_get(frame)->policy & USED;
}

static frame_t clock_rm_round_1(struct clock_rm *clock) REQUIRES(mm)
{
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame)) {
            if (!clock_rm_used(frame) && !policy_test_modified(frame)) {
                return frame;
            }
        }
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}

static frame_t clock_rm_round_2(struct clock_rm *clock) REQUIRES(mm)
{
    for (uint32_t left = clock->ring.count; left > 0; left--) {
        frame_t frame = clock->hand;
        if (policy_may_evict(frame)) {
            if (!clock_rm_used(frame) && policy_test_modified(frame)) {
                return frame;
            } else {
                frame_get(frame)->policy &= ~USED;
            }
        }
        clock->hand = queue_next_round(&clock->ring, frame);
    }
    return FRAME_NONE;
}

static void clock_rm_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t place = clock->hand;
    if (frame_is(place))
        place = queue_next_round(&clock->ring, place);
    queue_insert(&clock->ring, place, frame);
    if (!frame_is(clock->hand))
        clock->hand = frame;
    frame_get(frame)->policy = 0;
}

static frame_t clock_rm_victim(struct group *group) REQUIRES(mm)
{
    struct clock_rm *clock = clock_rm_of(group);
    frame_t frame = clock_rm_round_1(clock);
    if (!frame_is(frame))
        frame = clock_rm_round_2(clock);
    if (!frame_is(frame))
        frame = clock_rm_round_1(clock);
    if (!frame_is(frame))
        frame = clock_rm_round_2(clock);
    return frame;
}
