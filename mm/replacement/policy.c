/* mm/replacement/policy.c - which policies there are, and what they have in common.
 *
 * Nearly all of them keep the group's frames in a queue (queue.h): in order of arrival,
 * of use, or as a ring with a hand. */
#include "mm/replacement/policy.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/trace.h"

const struct policy *const policies[] = {
    &policy_clock,    &policy_fifo,
    &policy_clock_rm, &policy_aging,
    &policy_lfu,      &policy_mfu,
    &policy_random,   &policy_sieve,
    &policy_wsclock,  &policy_clock_pro,
    &policy_distance, &policy_lru,
    &policy_mine,     NULL,
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

static bool policy_has(const struct group *group, frame_t frame) REQUIRES(mm)
{
    return frame_get(frame)->admitted && frame_get(frame)->group == group_index(group);
}

/* --- Does it keep the rules? ----------------------------------------------------------- */

void policy_check_victim(const struct policy *policy, const struct group *group,
                         frame_t victim)
{
    const char *wrong = NULL;
    if (victim.number >= nframes)
        wrong = "of which there are not so many";
    else if (!policy_has(group, victim))
        wrong = "which is not the group's, or no more";
    else if (!policy_may_evict(victim))
        wrong = "which policy_may_evict() refuses";
    if (wrong != NULL)
        panic("policy %s: victim() names frame %u, %s (make check-policy POLICY=%s)",
              policy->name, victim.number, wrong, policy->name);
}

void policy_check_none(const struct policy *policy, const struct group *group)
{
    for (frame_t at = group->first; frame_is(at); at = frame_get(at)->group_next)
        if (policy_has(group, at) && policy_may_evict(at))
            panic("policy %s: victim() names no frame, though frame %u may go (make "
                  "check-policy POLICY=%s)",
                  policy->name, at.number, policy->name);
}

/* --- A group gets another one ---------------------------------------------------------- */

/* Unless it is told otherwise, a group ticks as often as an eighth of its frames has been
 * exchanged. */
static uint32_t group_ticks(const struct group *group)
{
    return (group->limit < nframes ? group->limit : nframes) / 8 + 1;
}

void policy_change(struct group *group, const struct policy *policy)
{
    for (frame_t at = group->first; frame_is(at); at = frame_get(at)->group_next) {
        if (policy_has(group, at)) {
            policy_remove(group->policy, group, at);
            page_get(frame_get(at)->page)->ghost = 0; /* nobody else can read it */
        }
    }
    group->policy = policy;
    trace_range(TRACE_POLICY, 0, policy_index(policy), group_index(group));
    if (policy->wants_ticks && group->tick_period == 0)
        group->tick_period = group_ticks(group);
    policy_open(policy, group);
    for (frame_t at = group->first; frame_is(at); at = frame_get(at)->group_next)
        if (policy_has(group, at))
            policy_admit(policy, group, at);
}

frame_t policy_first(const struct frame_queue *queue)
{
    frame_t frame = queue->head;
    while (frame_is(frame) && !policy_may_evict(frame))
        frame = frame_get(frame)->next;
    return frame;
}
