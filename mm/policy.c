/* mm/policy.c - which policies there are, and what they have in common.
 *
 * Nearly all of them keep the group's frames in a queue: in order of arrival, of use, or
 * as a ring with a hand. The links are the frame's own (next, previous), so that a frame
 * can leave from anywhere at once, without searching and without memory. */
#include "mm/policy.h"
#include "mm/trace.h"

extern const struct policy policy_clock, policy_fifo, policy_clock_rm, policy_aging,
    policy_lfu, policy_mfu, policy_random, policy_sieve, policy_wsclock, policy_clock_pro,
    policy_lru, policy_mine;

const struct policy *const policies[] = {
    &policy_clock,
    &policy_fifo,
    &policy_clock_rm,
    &policy_aging,
    &policy_lfu,
    &policy_mfu,
    &policy_random,
    &policy_sieve,
    &policy_wsclock,
    &policy_clock_pro,
    &policy_lru,
    &policy_mine,
    NULL,
};

static bool name_same(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

const struct policy *policy_find(const char *name)
{
    for (const struct policy *const *policy = policies; *policy != NULL; policy++)
        if (name_same((*policy)->name, name))
            return *policy;
    return NULL;
}

static unsigned policy_index(const struct policy *policy)
{
    unsigned index = 0;
    while (policies[index] != policy)
        index++;
    return index;
}

static bool policy_has(const struct group *group, frame_t frame)
{
    return frame_get(frame)->admitted && frame_get(frame)->group == group_index(group);
}

/* Unless it is told otherwise, a group ticks as often as an eighth of its frames has been
 * exchanged. */
static uint32_t group_ticks(const struct group *group)
{
    return (group->limit < nframes ? group->limit : nframes) / 8 + 1;
}

void policy_change(struct group *group, const struct policy *policy)
{
    for (frame_t at = {0}; at.number < nframes; at.number++) {
        if (policy_has(group, at)) {
            group->policy->remove(group, at);
            page_get(frame_get(at)->page)->ghost = 0; /* nobody else can read it */
        }
    }
    group->policy = policy;
    trace_range(TRACE_POLICY, 0, policy_index(policy), group_index(group));
    if (policy->wants_ticks && group->tick_period == 0)
        group->tick_period = group_ticks(group);
    policy->open(group);
    for (frame_t at = {0}; at.number < nframes; at.number++)
        if (policy_has(group, at))
            policy->admit(group, at);
}

void queue_init(struct frame_queue *queue)
{
    queue->head = queue->tail = FRAME_NONE;
    queue->count = 0;
}

void queue_append(struct frame_queue *queue, frame_t frame)
{
    queue_insert(queue, FRAME_NONE, frame);
}

void queue_prepend(struct frame_queue *queue, frame_t frame)
{
    queue_insert(queue, queue->head, frame);
}

void queue_insert(struct frame_queue *queue, frame_t place, frame_t frame)
{
    frame_t before = frame_is(place) ? frame_get(place)->previous : queue->tail;
    frame_get(frame)->previous = before;
    frame_get(frame)->next = place;
    *(frame_is(before) ? &frame_get(before)->next : &queue->head) = frame;
    *(frame_is(place) ? &frame_get(place)->previous : &queue->tail) = frame;
    queue->count++;
}

void queue_remove(struct frame_queue *queue, frame_t frame)
{
    frame_t before = frame_get(frame)->previous, after = frame_get(frame)->next;
    ASSERT(queue->count > 0);
    *(frame_is(before) ? &frame_get(before)->next : &queue->head) = after;
    *(frame_is(after) ? &frame_get(after)->previous : &queue->tail) = before;
    queue->count--;
}

frame_t queue_next_round(const struct frame_queue *queue, frame_t frame)
{
    frame_t after = frame_get(frame)->next;
    return frame_is(after) ? after : queue->head;
}
