/* mm/replacement/policy/lru.c - least recently used: the page that has not been used for
 * the longest time goes.
 *
 * "If we use the recent past as an approximation of the near future, then we can replace
 * the page that has not been used for the longest period of time." (Silberschatz, 10.4.4;
 * "stack": whenever a page is referenced, it is removed from the stack and put on the top.
 * In this way, the most recently used page is always at the top of the stack, and the least
 * recently used page is always at the bottom.) It is a stack algorithm: what N frames hold
 * is always part of what N + 1 would hold, so Belady's anomaly cannot happen (Mattson et
 * al.: Evaluation techniques for storage hierarchies, IBM Systems Journal 1970).
 *
 * No machine keeps such a stack for us: every reference must be seen. In exact mode every
 * one is, by a trap. Outside it this policy hears of references only at ticks. */
#include "mm/policy.h"

static struct frame_queue *lru_stack(struct group *group)
{
    return (struct frame_queue *)group->state;
}

static void lru_open(struct group *group)
{
    queue_init(lru_stack(group));
}

/* The top of the stack is the queue's tail. */
static void lru_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_append(lru_stack(group), frame);
}

static void lru_referenced(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(lru_stack(group), frame);
    queue_append(lru_stack(group), frame);
}

static void lru_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    queue_remove(lru_stack(group), frame);
}

static frame_t lru_victim(struct group *group) REQUIRES(mm)
{
    return policy_first(lru_stack(group));
}

const struct policy policy_lru = {
    .name = "lru",
    .description = "least recently used, exactly: in exact mode",
    .wants_exact = true,
    .wants_ticks = true,
    .open = lru_open,
    .admit = lru_admit,
    .referenced = lru_referenced,
    .remove = lru_remove,
    .victim = lru_victim,
};
