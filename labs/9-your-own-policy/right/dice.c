/* dice decide, but not about those that have shown that they come back soon, while in use. */

/* file: mm/replacement/policy/mine.c */

/* without: mine_of */

struct dice {
    struct frame_queue queue;
    uint32_t state;
};

static struct dice *dice_of(struct group *group)
{
    return (struct dice *)group->state;
}

static uint32_t throw(struct dice * dice, uint32_t sides)
{
    dice->state = dice->state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)dice->state * sides >> 32);
}

static void mine_open(struct group *group)
{
    queue_init(&dice_of(group)->queue);
    dice_of(group)->state = 12345;
}

/* The word: faults << 4 at its last known use | how often it has shown that it comes back. */
static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct dice *dice = dice_of(group);
    uint32_t ghost = page_get(frame_get(frame)->page)->ghost;
    uint32_t away = (uint32_t)group->faults - (ghost >> 4);
    bool soon = ghost != 0 && away <= 2 * dice->queue.count + 2;
    uint32_t shown = !soon ? 0 : (ghost & 15) < 15 ? (ghost & 15) + 1 : 15;
    frame_get(frame)->policy = (uint32_t)group->faults << 4 | shown;
    queue_append(&dice->queue, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    page_get(frame_get(frame)->page)->ghost = frame_get(frame)->policy;
    queue_remove(&dice_of(group)->queue, frame);
}

/* Uses are counted, and what is idle for long is forgotten. */
static uint32_t weight(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct dice *dice = dice_of(group);
    uint32_t word = frame_get(frame)->policy, idle = (uint32_t)group->faults - (word >> 4);
    uint32_t shown = word & 15;
    if (policy_test_referenced(frame) && idle > 1)
        frame_get(frame)->policy =
            (uint32_t)group->faults << 4 | (shown < 13 ? shown + 3 : 15);
    else if (idle > dice->queue.count / 2 && shown > 0)
        frame_get(frame)->policy = (uint32_t)group->faults << 4 | shown / 2;
    return frame_get(frame)->policy & 15;
}

/* Of those with the least weight, any. */
static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    struct dice *dice = dice_of(group);
    frame_t chosen = FRAME_NONE;
    uint32_t least = 16, alike = 0;
    for (frame_t at = dice->queue.head; frame_is(at); at = frame_get(at)->next) {
        uint32_t own = weight(group, at);
        if (!policy_may_evict(at) || own > least)
            continue;
        alike = own < least ? 1 : alike + 1;
        least = own;
        if (throw(dice, alike) == 0)
            chosen = at;
    }
    return chosen;
}
