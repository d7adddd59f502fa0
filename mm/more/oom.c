/* mm/more/oom.c - out of memory: who has to go.
 *
 * A promise of memory is free, so more can be promised than there is. When all frames are
 * taken and one more is needed, somebody must lose: the program that holds most, counted
 * whole (mm/account.h), for that frees most. All others keep every byte. Whoever asked
 * sleeps until the chosen ones have given their frames back.
 *
 * A program of many processes need not end with all of them. If one of them holds the
 * greater part, that one goes. Else it is all that were forked, and the one they descend
 * from may tell about it; unless it has been spared before, and made more of them. */
#include "mm/oom.h"

#include "mm/above.h"
#include "mm/account.h"
#include "mm/group.h"
#include "mm/lock.h"
#include "mm/mapper.h"
#include "mm/page.h"
#include "mm/space.h"
#include "mm/swap.h"
#include "mm/table.h"
#include "mm/trace.h"

uint64_t oom_kills;

/* --- Who may be chosen ------------------------------------------------------------------ */

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

/* A space that no process uses yet, or any more, cannot be ended. */
static bool oom_endable(const struct space *space)
{
    int pid;
    above_space_name(space, &pid);
    return !space->essential && pid != 0;
}

/* --- Out of a limit: a process ---------------------------------------------------------- */

static struct space *oom_choose_process(uint16_t group)
{
    struct space *most = NULL;
    uint64_t most_held = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (!oom_concerns(space, group) || !oom_endable(space))
            continue;
        uint64_t held = space_resident(space) + space_swapped(space) + space->tables;
        if (most == NULL || held > most_held) {
            most = space;
            most_held = held;
        }
    }
    return most;
}

/* --- Out of memory: a program ----------------------------------------------------------- */

static struct account *oom_choose_program(void)
{
    struct account *most = NULL;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        struct account *account = space->account;
        if (oom_endable(space) &&
            (most == NULL || account_total(account) > account_total(most)))
            most = account;
    }
    return most;
}

/* Does nobody else have the page, whatever object may hold it besides? */
static bool entry_is_last(pte_t entry)
{
    if (pte_is_zero(entry) || pte_is_zero_page(entry))
        return false;
    const struct page *page = page_get(
        pte_is_present(entry) ? frame_get(pte_frame(entry))->page : pte_page(entry));
    return page->holders - (page->object != NULL) == 1;
}

/* What ends with the space: pages that nobody shares, and its tables. */
static uint64_t space_own(const struct space *space)
{
    uint64_t count = space->tables;
    struct table_run run;
    for (uintptr_t at = 0; table_run_next(space, &at, USER_END, &run);)
        for (unsigned i = 0; i < run.count; i++)
            count += entry_is_last(run.entries[i]);
    return count;
}

/* The process with most of its own. */
static struct space *oom_largest(const struct account *account, uint64_t *most_own)
{
    struct space *most = NULL;
    *most_own = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space->account != account || !oom_endable(space))
            continue;
        uint64_t own = space_own(space);
        if (most == NULL || own > *most_own) {
            most = space;
            *most_own = own;
        }
    }
    return most;
}

/* --- The end ---------------------------------------------------------------------------- */

static void oom_kill(struct space *victim)
{
    trace(TRACE_OOM, victim->id, 0, PAGE_NONE, FRAME_NONE, space_resident(victim));
    victim->doomed = true;
    oom_kills++;
    above_kill(victim);
}

/* All its processes but the one whose space has the id `spared` (0: none). How many. */
static unsigned oom_kill_program(const struct account *account, uint32_t spared)
{
    unsigned count = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space->account == account && space->id != spared && oom_endable(space)) {
            oom_kill(space);
            count++;
        }
    }
    return count;
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

static void oom_tell(const struct account *account, const char *whom, const char *name,
                     int pid)
{
    const uint64_t *held = account->held;
    above_message(
        "out of memory: %u of %u frames and %u of %u slots free; killed %s%s (pid %d), "
        "whose program held most: %lu pages, %lu frames of tables, %lu of stacks, %lu "
        "for the kernel's use, %lu KiB of its objects",
        frame_counts.free, frame_counts.total,
        swap_counts.total - swap_counts.used - swap_counts.retired, swap_counts.total, whom,
        name, pid, (unsigned long)held[ACCOUNT_PAGES], (unsigned long)held[ACCOUNT_TABLES],
        (unsigned long)held[ACCOUNT_STACKS], (unsigned long)held[ACCOUNT_FRAMES],
        (unsigned long)held[ACCOUNT_BYTES] / 1024);
}

static void oom_end_process(struct space *victim, uint16_t group)
{
    int pid;
    const char *name = above_space_name(victim, &pid);
    oom_tell_limit(group, name, pid);
    oom_kill(victim);
}

static void oom_end_program(struct account *account)
{
    uint64_t own;
    struct space *largest = oom_largest(account, &own);
    int pid;
    const char *name = above_space_name(largest, &pid);
    if (2 * own >= account_total(account)) {
        oom_tell(account, "", name, pid);
        oom_kill(largest);
        if (account->spaces == 1)
            above_disown(account);
        return;
    }
    bool spares = !account->struck && account->first != NULL;
    account->struck = true;
    unsigned count = oom_kill_program(account, spares ? account->first->id : 0);
    if (count == 0) /* it has no others */
        count = oom_kill_program(account, 0);
    oom_tell(account, count > 1 ? "all processes like " : "", name, pid);
    above_disown(account);
}

void oom_relieve(uint16_t group)
{
    mm_assert_locked();
    if (oom_under_way(group))
        return;
    if (group != OOM_ANYBODY && group_limited(group)) {
        struct space *victim = oom_choose_process(group);
        if (victim != NULL) {
            oom_end_process(victim, group);
            return;
        }
    }
    struct account *account = oom_choose_program();
    if (account == NULL)
        panic("out of memory: %u frames in all, and no process that could be ended",
              frame_counts.total);
    oom_end_program(account);
}
