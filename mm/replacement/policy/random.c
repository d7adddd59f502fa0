/* mm/replacement/policy/random.c - any page, all equally likely.
 *
 * "A page to be replaced is chosen at random": the yardstick. A policy that looks at use and
 * does worse than this has understood the use wrongly; in a loop a little larger than
 * memory LRU, FIFO and CLOCK all do. (Belady: A study of replacement algorithms for a
 * virtual-storage computer, IBM Systems Journal 1966, has it as RAND.)
 *
 * The dice are seeded, so that a run can be repeated: xorshift of 32 bits (Marsaglia 2003),
 * scaled to the number of frames; that many steps along the queue in order of arrival. */
#include "mm/policy.h"

uint32_t policy_seed = 1;

struct random {
    struct frame_queue queue;
    uint32_t dice;
};

static struct random *random_of(struct group *group)
{
    return (struct random *)group->state;
}

static void random_open(struct group *group)
{
    queue_init(&random_of(group)->queue);
    random_of(group)->dice = policy_seed != 0 ? policy_seed : 1;
}

static void random_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(&random_of(group)->queue, frame);
}

static void random_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(&random_of(group)->queue, frame);
}

/* 0 … bound - 1. */
static uint32_t random_below(struct random *random, uint32_t bound)
{
    random->dice ^= random->dice << 13;
    random->dice ^= random->dice >> 17;
    random->dice ^= random->dice << 5;
    return (uint32_t)((uint64_t)random->dice * bound >> 32);
}

static frame_t random_victim(struct group *group) REQUIRES(mm)
{
    struct random *random = random_of(group);
    frame_t frame = random->queue.head;
    if (!frame_is(frame))
        return FRAME_NONE;
    for (uint32_t steps = random_below(random, random->queue.count); steps > 0; steps--)
        frame = frame_get(frame)->next;
    for (uint32_t left = random->queue.count; left > 0; left--) {
        if (policy_may_evict(frame))
            return frame;
        frame = queue_next_round(&random->queue, frame);
    }
    return FRAME_NONE;
}

const struct policy policy_random = {
    .name = "random",
    .description = "any page, by seeded dice",
    .open = random_open,
    .admit = random_admit,
    .remove = random_remove,
    .victim = random_victim,
};
