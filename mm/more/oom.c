/* mm/more/oom.c - out of memory: who has to go.
 *
 * A promise of memory is free, so more can be promised than there is. When all frames are
 * taken and one more is needed, somebody must lose: the process that holds most, frames,
 * slots and page tables together, for that frees most. All others keep every byte. Whoever
 * asked sleeps until the chosen one has given its frames back. */
#include "mm/oom.h"

#include "mm/above.h"
#include "mm/group.h"
#include "mm/lock.h"
#include "mm/space.h"
#include "mm/swap.h"
#include "mm/trace.h"

uint64_t oom_kills;

static bool oom_concerns(const struct space *space, uint16_t group)
{
    return group == OOM_ANYBODY || space->group == group;
}

/* Is somebody ending already? Then its frames are on their way. */
static bool oom_under_way(uint16_t group)
{
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space->doomed && oom_concerns(space, group))
            return true;
    }
    return false;
}

static struct space *oom_choose(uint16_t group)
{
    struct space *most = NULL;
    uint64_t most_held = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space->essential || !oom_concerns(space, group))
            continue;
        uint64_t held = space_resident(space) + space_swapped(space) + space->tables;
        if (most == NULL || held > most_held) {
            most = space;
            most_held = held;
        }
    }
    return most;
}

/* Memory is not out, but nothing of a group at its limit can go. */
static void oom_tell_limit(uint16_t group, const char *name, int pid)
{
    above_message(
        "out of frames: a group has %u frames, its limit, and none of their pages "
        "can go: one instruction needs more of them at once, or there is no room "
        "in the swap area (%u slots free); killed %s (pid %d)",
        groups[group].charged, swap_counts.total - swap_counts.used - swap_counts.retired,
        name, pid);
}

static void oom_tell(const struct space *victim, const char *name, int pid)
{
    above_message(
        "out of memory: %u of %u frames and %u of %u slots free; killed %s (pid %d), "
        "which held most: %lu frames of pages, %lu slots, %u frames of tables",
        frame_counts.free, frame_counts.total,
        swap_counts.total - swap_counts.used - swap_counts.retired, swap_counts.total, name,
        pid, (unsigned long)space_resident(victim), (unsigned long)space_swapped(victim),
        victim->tables);
}

static void oom_kill(struct space *victim, uint16_t group)
{
    int pid;
    const char *name = above_space_name(victim, &pid);
    if (group != OOM_ANYBODY && group_limited(group))
        oom_tell_limit(group, name, pid);
    else
        oom_tell(victim, name, pid);
    trace(TRACE_OOM, victim->id, 0, PAGE_NONE, FRAME_NONE, space_resident(victim));
    victim->doomed = true;
    oom_kills++;
    above_kill(victim);
}

void oom_relieve(uint16_t group)
{
    mm_assert_locked();
    if (oom_under_way(group))
        return;
    struct space *victim = oom_choose(group);
    if (victim == NULL)
        panic("out of memory: %u frames in all, and no process that could be ended",
              frame_counts.total);
    oom_kill(victim, group);
}
