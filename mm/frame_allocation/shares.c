/* mm/frame_allocation/shares.c - putting shares in force.  See shares.h for the idea. */
#include "mm/frame_allocation/shares.h"

#include "lib/string.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frames/frames.h"
#include "mm/replacement/replacement.h"

#define STRETCH_PART 16

bool shares_turns;

/* What was put in force last, to be divided anew when frames are short. */
static struct {
    enum allocation_scheme scheme;
    struct claim claims[GROUPS_MAX];
    unsigned count;
} last GUARDED_BY(mm);
/* Frames that shares_press found missing, half as many each time. */
static uint32_t withheld GUARDED_BY(mm);

/* --- Whose page goes -------------------------------------------------------------------- */

static struct group *group_whose_turn_it_is(void) REQUIRES(mm)
{
    static uint32_t hand;
    for (uint32_t tried = 0; tried < nframes; tried++) {
        const struct frame *frame = &frames[hand];
        hand = hand + 1 < nframes ? hand + 1 : 0;
        if (frame->state == FRAME_RESIDENT && frame->admitted)
            return &groups[frame->group];
    }
    return &groups[GROUP_ALL];
}

struct group *shares_source(void)
{
    if (shares_turns)
        return group_whose_turn_it_is();
    struct group *most = &groups[GROUP_ALL];
    for (unsigned i = 0; i < group_count; i++) {
        if (groups[i].in_use && shares_excess(&groups[i]) > shares_excess(most))
            most = &groups[i];
    }
    return most;
}

enum reclaim shares_reclaim(struct group *group, uint16_t wanting, bool cluster)
{
    bool own = group_index(group) == wanting, within = shares_excess(group) == 0;
    ASSERT(own || !within || group->share == 0);
    enum reclaim result = reclaim(group, cluster);
    if (!own && group->share == 0 &&
        (result == RECLAIM_FREED || result == RECLAIM_STARTED)) {
        group->foreign++;
        evict_counts.foreign++;
    }
    return result;
}

/* --- Putting them in force ---------------------------------------------------------------- */

uint32_t shares_frames(void)
{
    mm_lock();
    uint32_t sum = frame_counts.free, mark = frame_watermarks.high + withheld;
    for (unsigned i = 0; i < group_count; i++)
        sum += groups[i].in_use ? groups[i].charged : 0;
    mm_unlock();
    return sum > mark ? sum - mark : 0;
}

void share_set(struct group *group, uint32_t share)
{
    group->share = share;
    group_limit_set(group, share);
}

uint64_t shares_sum(void)
{
    uint64_t sum = 0;
    mm_lock();
    for (unsigned i = 0; i < group_count; i++)
        sum += groups[i].in_use ? groups[i].share : 0;
    mm_unlock();
    return sum;
}

/* Evict what is above the share; what cannot go now is given back as the group faults. */
static void shrink(struct group *group) REQUIRES(mm)
{
    while (group->charged > group->share) {
        if (group->charged > group->share + laundry_count) {
            enum reclaim result = reclaim(group, true);
            if (result == RECLAIM_NOTHING)
                break;
            if (result != RECLAIM_WAIT)
                continue;
        }
        laundry_wait();
    }
    laundry_send();
}

/* Limits of groups that got a share while others were made to shrink: nobody may grow into
 * those. */
static uint64_t limits_of_others(const struct claim *claims, unsigned count) REQUIRES(mm)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < group_count; i++) {
        bool claimed = !groups[i].in_use || groups[i].share == 0;
        for (unsigned j = 0; j < count && !claimed; j++)
            claimed = claims[j].group == i;
        sum += claimed ? 0 : groups[i].limit;
    }
    return sum;
}

void shares_apply(enum allocation_scheme scheme, const struct claim *claims, unsigned count,
                  uint32_t frames_)
{
    uint64_t limits = 0;
    mm_lock();
    withheld /= 2;
    last.scheme = scheme;
    last.count = count;
    memcpy(last.claims, claims, count * sizeof(*claims));
    for (unsigned i = 0; i < count; i++) {
        struct group *group = &groups[claims[i].group];
        if (claims[i].share < group->limit) {
            share_set(group, claims[i].share);
            shrink(group);
        }
        limits += group->limit;
    }
    limits += limits_of_others(claims, count);
    for (unsigned i = 0; i < count; i++) {
        struct group *group = &groups[claims[i].group];
        uint64_t room = limits < frames_ ? frames_ - limits : 0;
        uint32_t more = claims[i].share > group->limit ? claims[i].share - group->limit : 0;
        more = more < room ? more : (uint32_t)room;
        limits += more;
        share_set(group, group->limit + more);
    }
    mm_unlock();
}

void shares_end(struct group *group)
{
    mm_lock();
    share_set(group, UINT32_MAX);
    group->share = 0;
    mm_unlock();
}

/* By a part of what it holds, since all of that is looked at in vain before, each time. And
 * beyond that, not beyond its share: above a share that has been lowered it would not get a
 * frame however often it asked, until the next round lowers it again. */
bool shares_stretch(struct group *group)
{
    if (group->share == 0)
        return false;
    share_set(group, group->charged + 1 + group->charged / STRETCH_PART);
    return true;
}

/* --- When frames are short ------------------------------------------------------------------ */

/* Groups may have ended since. What is left of the last claims, and the sum of shares. */
static uint64_t claims_renew(void) REQUIRES(mm)
{
    uint64_t sum = 0;
    unsigned kept = 0;
    for (unsigned i = 0; i < last.count; i++) {
        const struct group *group = &groups[last.claims[i].group];
        if (!group->in_use || group->share == 0)
            continue;
        last.claims[kept] = last.claims[i];
        last.claims[kept].share = group->share;
        last.claims[kept].judged = false;
        sum += last.claims[kept++].share;
    }
    last.count = kept;
    return sum;
}

bool shares_press(uint32_t missing)
{
    mm_assert_locked();
    uint64_t sum = claims_renew();
    bool helps = false;
    if (sum <= missing || missing == 0)
        return false;
    const struct allocation_bounds none = {0}; /* nobody is judged */
    if (!allocation_divide(last.scheme, none, last.claims, last.count,
                           (uint32_t)(sum - missing)))
        return false;
    withheld += missing;
    for (unsigned i = 0; i < last.count; i++) {
        struct group *group = &groups[last.claims[i].group];
        if (last.claims[i].share >= group->share)
            continue;
        share_set(group, last.claims[i].share);
        helps |= shares_excess(group) > 0;
    }
    return helps;
}

void shares_leave(struct group *group)
{
    mm_lock();
    group->share = 0;
    mm_unlock();
}
