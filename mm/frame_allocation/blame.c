/* mm/frame_allocation/blame.c - who took the memory.
 *
 * Not the largest process, nor the largest program: whoever takes memory by a thousand small
 * programs would be smaller than any that does honest work. What counts is what a family of
 * programs holds (account.h), and the question is which. All descend from init, most from
 * one shell, and these have done nothing. So the *way* goes down from the top, to the child
 * whose family holds the greater part of all there is. It goes on as long as what stays
 * behind is somebody large, a bystander, or hardly anything; and ends where memory is spread.
 *
 * There the *members* are looked at, the program's processes and the families of the programs
 * that it started. Each member stands for what it holds, if that is something; those with
 * less than a SMALL_PART of all are a swarm, and stand together, with what the program holds
 * otherwise: what is shared, what the kernel keeps for it. Whatever is most goes; of a
 * swarm not the process that began the program.
 *
 * A family may also divide itself into branches that are each too large for a swarm, and be
 * a bomb all the same. If the way comes to where it has ended before, and no process there is
 * large, all of that family goes. */
#include "mm/frame_allocation/blame.h"

#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/page_tables/page_tables.h"
#include "mm/replacement/replacement.h"

#define SMALL_PART  16 /* of all: a holder of less is not large */
#define HARDLY_PART 8  /* of a family */

bool blame_endable(const struct space *space)
{
    int pid;
    above_space_name(space, &pid);
    return !space->essential && pid != 0 && space->oom_adjust != OOM_ADJUST_NEVER;
}

int64_t blame_adjustment(const struct space *space)
{
    int64_t all = (int64_t)frame_counts.total + swap_counts.total;
    return space->oom_adjust * all / OOM_ADJUST_MOST;
}

/* Whoever can be ended is held to have something. */
static uint64_t adjusted(uint64_t bytes, int64_t adjust)
{
    int64_t sum = (int64_t)bytes + adjust;
    return sum > 0 ? (uint64_t)sum : 1;
}

/* --- What a family holds ------------------------------------------------------------------- */

/* A family of which no process can be ended counts for nothing: what it holds would remain. */
static void families_weigh(void) REQUIRES(mm)
{
    for (struct account *account = account_first; account != NULL;
         account = account->next) {
        account->endable = false;
        account->adjust = 0;
        account->family = 0;
    }
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (!space->account->endable || space->oom_adjust != 0) {
            bool endable = blame_endable(space);
            space->account->endable |= endable;
            space->account->adjust += endable ? blame_adjustment(space) * PAGE_SIZE : 0;
        }
    }
    for (struct account *account = account_first; account != NULL;
         account = account->next) {
        if (account->parent == NULL) /* the kernel's own */
            continue;
        if (account->endable || account->family > 0)
            account->family += adjusted(account_total(account), account->adjust);
        account->parent->family += account->family;
    }
}

/* The child with the largest family; NULL: there is none of whom anybody can be ended. */
static struct account *family_largest(const struct account *of)
{
    struct account *largest = NULL;
    for (struct account *child = of->child; child != NULL; child = child->older)
        if (child->family > (largest != NULL ? largest->family : 0))
            largest = child;
    return largest;
}

/* --- What a process holds ------------------------------------------------------------------ */

/* Does nobody else have the page, whatever object may hold it besides? */
static bool entry_is_last(pte_t entry) REQUIRES(mm)
{
    if (pte_is_zero_page(entry))
        return false;
    const struct page *page = page_get(
        pte_is_present(entry) ? frame_get(pte_frame(entry))->page : pte_page(entry));
    return page->holders - (page->object != NULL) == 1;
}

/* What ends with it: pages that nobody shares, and its tables; adjusted. Bytes. */
static uint64_t process_own(const struct space *space) REQUIRES(mm)
{
    uint64_t count = space->table.frames;
    struct position at;
    position_begin(&at, &space->table, 0, USER_END);
    for (; position_find(&at); position_step(&at))
        count += entry_is_last(position_read(&at));
    return adjusted(count * PAGE_SIZE, blame_adjustment(space) * PAGE_SIZE);
}

unsigned blame_score(const struct space *space)
{
    int64_t all = (int64_t)frame_counts.total + swap_counts.total;
    mm_lock();
    int64_t held =
        (int64_t)(space_resident(space) + space_swapped(space) + space->table.frames);
    mm_unlock();
    int64_t part = (held + blame_adjustment(space)) * 1000 / all;
    return !blame_endable(space) || part < -1000 ? 0 : (unsigned)((1000 + part) * 2 / 3);
}

/* --- Who is among them ---------------------------------------------------------------- */

bool blame_ends(const struct blame *blame, struct account *account)
{
    struct account *branch = account_branch(account, blame->family);
    if (blame->process != NULL)
        return blame->process->account == account && account->spaces == 1;
    if (blame->branch != NULL)
        return branch == blame->branch;
    return account == blame->family || (branch != NULL && branch->family < blame->small);
}

bool blame_concerns(const struct blame *blame, const struct space *space)
{
    if (!blame_endable(space))
        return false;
    if (blame->process != NULL)
        return space == blame->process;
    if (blame->branch == NULL && space->account == blame->family)
        return process_own(space) < blame->small;
    return blame_ends(blame, space->account);
}

struct space *blame_first(const struct blame *blame)
{
    struct space *space = space_first;
    while (space != NULL && !blame_concerns(blame, space))
        space = space->next;
    return space;
}

/* --- The choice ------------------------------------------------------------------------------ */

/* Processes of the program: the largest, and what is left without all that are not small. */
static uint64_t process_largest(struct blame *blame, uint64_t *swarm) REQUIRES(mm)
{
    uint64_t most = 0;
    for (struct space *space = space_first; space != NULL; space = space->next) {
        if (space->account != blame->family || !blame_endable(space))
            continue;
        uint64_t own = process_own(space);
        if (own >= blame->small)
            *swarm -= own < *swarm ? own : *swarm;
        if (own > most) {
            most = own;
            blame->process = space;
        }
    }
    return most;
}

/* The member that holds most, or, if they hold more, all that are small. */
static void member_choose(struct blame *blame) REQUIRES(mm)
{
    const struct account *family = blame->family;
    uint64_t swarm = family->family;
    for (const struct account *child = family->child; child != NULL; child = child->older)
        if (child->family >= blame->small)
            swarm -= child->family;
    uint64_t most = process_largest(blame, &swarm);
    const struct blame small = {
        .family = blame->family, .small = blame->small, .spared = family->first};
    struct account *branch = family_largest(family);
    if (branch != NULL && branch->family > most) {
        most = branch->family;
        blame->branch = branch;
        blame->process = NULL;
    }
    if (swarm > most && blame_first(&small) != NULL)
        *blame = small;
}

/* Has a process, of the family, and not of that branch of it (NULL: of any), as much as that? */
static bool family_has_large(const struct account *family, const struct account *but,
                             uint64_t small) REQUIRES(mm)
{
    for (struct space *space = space_first; space != NULL; space = space->next)
        if (account_is_of(space->account, family) &&
            (but == NULL || !account_is_of(space->account, but)) && blame_endable(space) &&
            process_own(space) >= small)
            return true;
    return false;
}

/* The way has ended here before, and all are small: now the whole family goes. */
static bool way_returns(const struct account *family, uint64_t small) REQUIRES(mm)
{
    return family->struck && family->parent != NULL &&
           !family_has_large(family, NULL, small);
}

/* The next step of the way; NULL: it ends here. */
static struct account *way_next(const struct account *family, uint64_t all) REQUIRES(mm)
{
    struct account *branch = family_largest(family);
    if (branch == NULL || branch->family <= all / 2 ||
        way_returns(family, all / SMALL_PART))
        return NULL;
    bool alone = family->family - branch->family <= family->family / HARDLY_PART;
    return alone || family_has_large(family, branch, all / SMALL_PART) ? branch : NULL;
}

bool blame_find(struct blame *blame)
{
    struct account *family = &kernel_account, *next;
    families_weigh();
    uint64_t all = family->family, small = all / SMALL_PART;
    if (all == 0)
        return false;
    while ((next = way_next(family, all)) != NULL)
        family = next;
    *blame = (struct blame){.family = family, .small = small};
    if (way_returns(family, small))
        *blame = (struct blame){.family = family->parent, .branch = family};
    else
        member_choose(blame);
    family->struck = true;
    return true;
}
