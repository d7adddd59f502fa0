/* mm/frame_allocation/oom.c - out of memory: who has to go.
 *
 * A promise of memory is free, so more can be promised than there is. When all frames are
 * taken and one more is needed, somebody must lose: whoever took most (blame.c), for
 * that frees most. All others keep every byte. Whoever asked sleeps until the chosen ones
 * have given their frames back. */
#include "mm/frame_allocation/oom.h"

#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/frame_allocation/blame.h"
#include "mm/frame_allocation/group.h"
#include "mm/frames/frames.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"

uint64_t oom_kills;

/* --- Who may be chosen ------------------------------------------------------------------ */

static bool oom_concerns(const struct space *space, uint16_t group)
{
    return group == OOM_ANYBODY || space->group == group;
}

/* Is somebody ending already? Then its frames are on their way. */
static bool oom_under_way(uint16_t group) REQUIRES(mm)
{
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space->ending && oom_concerns(space, group))
            return true;
    }
    return false;
}

/* --- Out of a limit: a process ---------------------------------------------------------- */

static struct space *oom_choose_process(uint16_t group) REQUIRES(mm)
{
    struct space *most = NULL;
    int64_t most_held = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (!oom_concerns(space, group) || !blame_endable(space))
            continue;
        int64_t held =
            (int64_t)(space_resident(space) + space_swapped(space) + space->table.frames) +
            blame_adjustment(space);
        if (most == NULL || held > most_held) {
            most = space;
            most_held = held;
        }
    }
    return most;
}

/* --- The end ---------------------------------------------------------------------------- */

static void oom_kill(struct space *victim) REQUIRES(mm)
{
    trace(TRACE_OOM, victim->id, 0, PAGE_NONE, FRAME_NONE, space_resident(victim));
    victim->ending = true;
    oom_kills++;
    above_kill(victim);
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

static void oom_end_process(struct space *victim, uint16_t group) REQUIRES(mm)
{
    reclaim_check(&groups[group]);
    int pid;
    const char *name = above_space_name(victim, &pid);
    oom_tell_limit(group, name, pid);
    oom_kill(victim);
}

/* --- Out of memory: whoever took it -------------------------------------------------------- */

/* What the program holds of whom `name` and `pid` are. */
static void oom_tell(const struct account *account, const char *whom, const char *name,
                     int pid)
{
    const uint64_t *held = account->held;
    above_message(
        "out of memory: %u of %u frames and %u of %u slots free; killed %s%s (pid %d), "
        "whose program held %lu pages, %lu frames of tables, %lu of stacks, %lu for the "
        "kernel's use, %lu KiB of its objects",
        frame_counts.free, frame_counts.total,
        swap_counts.total - swap_counts.used - swap_counts.retired, swap_counts.total, whom,
        name, pid, (unsigned long)held[ACCOUNT_PAGES], (unsigned long)held[ACCOUNT_TABLES],
        (unsigned long)held[ACCOUNT_STACKS], (unsigned long)held[ACCOUNT_FRAMES],
        (unsigned long)held[ACCOUNT_BYTES] / 1024);
}

/* All but the one with the space `spared`, or NULL. How many. */
static unsigned oom_end_all(const struct blame *blame, const struct space *spared)
    REQUIRES(mm)
{
    unsigned count = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space != spared && blame_concerns(blame, space)) {
            oom_kill(space);
            count++;
        }
    }
    return count;
}

static void oom_end_blamed(const struct blame *blame) REQUIRES(mm)
{
    const struct account *told = blame->branch != NULL ? blame->branch : blame->family;
    int pid;
    const char *name = above_space_name(blame_first(blame), &pid);
    unsigned count = oom_end_all(blame, blame->spared);
    if (count == 0) /* it has no others */
        count = oom_end_all(blame, NULL);
    oom_tell(told, count > 1 ? "all processes like " : "", name, pid);
    for (struct account *account = account_first; account; account = account->next)
        if (blame_ends(blame, account))
            above_disown(account);
}

/* Whoever is to be spared (oom_score_adj -1000) is spared as long as there is anybody else: else a
 * family of such processes, by forking, could take the machine down. False: there are none. */
static bool oom_spare_nobody(uint16_t group) REQUIRES(mm)
{
    bool any = false;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (!oom_concerns(space, group) || space->oom_adjust != OOM_ADJUST_NEVER)
            continue;
        space->oom_adjust = 0;
        any |= blame_endable(space);
    }
    if (any)
        above_message(
            "out of memory, and every process that could be ended was to be spared "
            "(oom_score_adj -1000): none is any more");
    return any;
}

static bool oom_find(struct blame *blame) REQUIRES(mm)
{
    return blame_find(blame) || (oom_spare_nobody(OOM_ANYBODY) && blame_find(blame));
}

void oom_relieve(uint16_t group)
{
    mm_assert_locked();
    if (oom_under_way(group))
        return;
    if (group != OOM_ANYBODY && group_limited(group)) {
        struct space *victim = oom_choose_process(group);
        if (victim == NULL && oom_spare_nobody(group))
            victim = oom_choose_process(group);
        if (victim != NULL) {
            oom_end_process(victim, group);
            return;
        }
    }
    for (unsigned i = 0; i < group_count; i++)
        if (groups[i].in_use)
            reclaim_check(&groups[i]);
    struct blame blame;
    if (!oom_find(&blame))
        panic("out of memory: %u frames in all, and no process that could be ended",
              frame_counts.total);
    oom_end_blamed(&blame);
}
