/* mm/replacement/policy/random.c - any page, all equally likely.
 *
 * "A page to be replaced is chosen at random": the yardstick. A policy that looks at use and
 * does worse than this has understood the use wrongly; in a loop a little larger than
 * memory LRU, FIFO and CLOCK all do. (Belady: A study of replacement algorithms for a
 * virtual-storage computer, IBM Systems Journal 1966, has it as RAND.)
 *
 * The dice are seeded, so that a run can be repeated: xorshift of 32 bits (Marsaglia 2003),
 * scaled to the number of frames; that many steps along the frames in order of arrival.
 * They are not taken one by one: a tree finds the n-th (arrival_tree.h). */
#include "mm/policy.h"
#include "mm/replacement/arrival_tree.h"

uint32_t policy_seed = 1;

struct random {
    frame_t root;
    uint32_t dice, arrivals;
};

static struct random *random_of(struct group *group)
{
    return (struct random *)group->state;
}

static void random_open(struct group *group)
{
    *random_of(group) =
        (struct random){.root = FRAME_NONE, .dice = policy_seed != 0 ? policy_seed : 1};
}

static void random_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    page_get(frame_get(frame)->page)->ghost = random_of(group)->arrivals++;
    tree_append(&random_of(group)->root, frame);
}

static void random_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    tree_remove(&random_of(group)->root, frame);
    page_get(frame_get(frame)->page)->ghost = 0;
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
    uint32_t count = tree_count(random->root);
    if (count == 0)
        return FRAME_NONE;
    uint32_t number = random_below(random, count);
    for (uint32_t left = count; left > 0; left--) {
        frame_t frame = tree_find(random->root, number);
        if (policy_may_evict(frame))
            return frame;
        number = number + 1 < count ? number + 1 : 0;
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
