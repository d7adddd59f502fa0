/* mm/address_spaces/region_layout.c - the layout of a space: regions cut, joined, grown,
 * and room found.
 *
 * What a call like munmap or mprotect names is rarely a whole region. So regions are cut
 * where the range begins and ends, the whole ones within are changed, and afterwards
 * neighbours that say the same are joined again: a program that changes its mind a thousand
 * times leaves no thousand pieces. */
#include "mm/address_spaces/change.h"
#include "mm/address_spaces/promise.h"
#include "mm/address_spaces/region.h"
#include "mm/trace.h"

#include "lib/errno.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/shared_code.h"
#include "mm/demand_paging/demand_paging.h"

/* --- Splitting and joining ---------------------------------------------------------- */

void region_split(struct space *space, struct region *region, uintptr_t address,
                  struct region *rest)
{
    ASSERT(address > region->start && address < region->end);
    uint32_t index = region_index(region, address);
    *rest = *region;
    rest->start = address;
    rest->index = index;
    if (rest->object != NULL)
        object_hold_locked(rest->object);
    promise_less(space, region, region->end - address);
    region->end = address;
    region_insert(space, rest);
}

bool region_join_next(struct space *space, struct region *region)
{
    struct region *next = region->next;
    if (next == NULL || region->end != next->start || region->access != next->access ||
        region->access_max != next->access_max || region->shared != next->shared ||
        region->wired != next->wired || region->not_forked != next->not_forked ||
        region->wiped != next->wiped || region->not_dumped != next->not_dumped ||
        region->grows_down != next->grows_down || region->commit != next->commit ||
        region->object != next->object || region->inherited != next->inherited)
        return false;
    if (region->object != NULL && region_index(region, next->start) != next->index)
        return false;
    uintptr_t end = next->end;
    if (__builtin_expect(region->tracked, false))
        region->tracked = next->tracked;
    region_remove(space, next);
    region_destroy(next);
    promise_more(space, region, end - region->end);
    region->end = end;
    region_rooms_above(space, region);
    return true;
}

/* --- Cutting, joining ---------------------------------------------------------------- */

/* Spare regions for cutting a range out of others: two at most. */
struct spares {
    struct region *region[2];
    unsigned count;
};

static bool spares_get(const struct space *space, unsigned count, struct spares *spares)
    REQUIRES(mm)
{
    for (spares->count = 0; spares->count < count; spares->count++) {
        spares->region[spares->count] = region_create(space);
        if (spares->region[spares->count] == NULL)
            break;
    }
    if (spares->count == count)
        return true;
    while (spares->count > 0)
        region_destroy(spares->region[--spares->count]);
    return false;
}

/* What must be cut so that no region reaches across either end of a range. */
struct cuts {
    struct region *start, *end; /* the one that does, or NULL; one may across both */
    unsigned count;
};

static struct cuts cuts_find(struct space *space, uintptr_t start, uintptr_t end)
    REQUIRES(mm)
{
    struct cuts cuts = {NULL, NULL, 0};
    struct region *region = region_at_or_above(space, start);
    if (region != NULL && region->start < start) {
        cuts.start = region;
        cuts.count++;
    }
    if (region != NULL && region->end < end)
        region = region_at_or_above(space, end);
    if (region != NULL && region->start < end && region->end > end) {
        cuts.end = region;
        cuts.count++;
    }
    return cuts;
}

static int cuts_make(struct space *space, uintptr_t start, uintptr_t end, struct cuts cuts)
    REQUIRES(mm)
{
    struct spares spares;
    if (!spares_get(space, cuts.count, &spares))
        return -ENOMEM;
    if (cuts.end != NULL)
        region_split(space, cuts.end, end, spares.region[--spares.count]);
    if (cuts.start != NULL)
        region_split(space, cuts.start, start, spares.region[--spares.count]);
    return 0;
}

/* `goes`: what lies between will be unmapped, and only cutting one in two makes more. */
static int isolate(struct space *space, uintptr_t start, uintptr_t end, bool goes)
    REQUIRES(mm)
{
    struct cuts cuts = cuts_find(space, start, end);
    if (cuts.count == 0)
        return 0;
    unsigned more = !goes ? cuts.count : cuts.start == cuts.end;
    if (more > 0 && space->region_count + more > region_most)
        return -ENOMEM;
    return cuts_make(space, start, end, cuts);
}

int region_isolate(struct space *space, uintptr_t start, uintptr_t end)
{
    return isolate(space, start, end, false);
}

int region_isolate_to_unmap(struct space *space, uintptr_t start, uintptr_t end)
{
    return isolate(space, start, end, true);
}

void region_join_range(struct space *space, uintptr_t start, uintptr_t end)
{
    struct region *region = region_at_or_above(space, start);
    if (region != NULL && region->previous != NULL)
        region = region->previous;
    while (region != NULL && region->start < end) {
        if (!region_join_next(space, region))
            region = region->next;
        else
            change_pause(space, NULL, WORK_OF_REGION);
    }
}

uintptr_t region_first_hole(struct space *space, uintptr_t start, uintptr_t end)
{
    struct region *region = region_at_or_above(space, start);
    uintptr_t at = start;
    for (; at < end && region != NULL && region->start <= at; region = region->next)
        at = region->end;
    return at < end ? at : end;
}

/* --- Finding room ------------------------------------------------------------------- */

bool region_is_free(struct space *space, uintptr_t start, uintptr_t end)
{
    struct region *region = region_at_or_above(space, start);
    return region == NULL || end <= region->start;
}

/* Where others must end that lie below it. */
static inline uintptr_t region_low(const struct region *region)
{
    if (__builtin_expect(!region->grows_down, true))
        return region->start;
    return region->start > REGION_STACK_GAP ? region->start - REGION_STACK_GAP : 0;
}

bool region_has_room(struct space *space, uintptr_t start, uintptr_t end)
{
    struct region *region = region_at_or_above(space, start);
    return region == NULL || end <= region_low(region);
}

/* --- Rooms, in the tree ------------------------------------------------------------- */

/* Below each region there is room, down to the end of the one before it, perhaps none. Whoever
 * wants so many bytes, as high as possible, would have to look at one region after the other.
 * So each keeps, for itself and all below it in the tree, how much the largest of those rooms has:
 * a part of the tree in which nothing is large enough is passed in one step, and the search goes
 * down the tree once (an augmented tree: Cormen et al., Introduction to Algorithms, 14.2).
 *
 *                    [ 40 ]  most: 9            wanted: 6 pages, as high as possible
 *                   /       \
 *          [ 20 ] most: 9    [ 70 ] most: 4     no room above 40; nor below 40 itself;
 *                                               so it is to the left
 *
 * Keeping that right costs a walk down the tree at each change. A space of a few regions is
 * searched along its list, and keeps no account; from ROOMS_FROM regions on it does. */
#define ROOMS_FROM  48u /* regions from which on an account is kept… */
#define ROOMS_UNTIL 24u /* …until there are so few */

/* Pages; what 32 bits do not tell is at least so much. */
static uint32_t room_of(const struct region *region)
{
    uintptr_t bottom = region->previous != NULL ? region->previous->end : 0;
    uintptr_t top = region_low(region);
    uint64_t pages = top > bottom ? (top - bottom) / PAGE_SIZE : 0;
    return pages < UINT32_MAX ? (uint32_t)pages : UINT32_MAX;
}

static void room_set(struct region *tree)
{
    uint32_t most = room_of(tree);
    if (tree->left != NULL && tree->left->room_most > most)
        most = tree->left->room_most;
    if (tree->right != NULL && tree->right->room_most > most)
        most = tree->right->room_most;
    tree->room_most = most;
}

/* Of those on the way to `start`, the lowest first. */
static void rooms_set(struct region *tree, uintptr_t start)
{
    if (tree == NULL)
        return;
    if (tree->start != start)
        rooms_set(start < tree->start ? tree->left : tree->right, start);
    room_set(tree);
}

static void rooms_set_all(struct region *tree)
{
    if (tree == NULL)
        return;
    rooms_set_all(tree->left);
    rooms_set_all(tree->right);
    room_set(tree);
}

/* Is there an account, and is it worth it still? */
static bool rooms_kept(struct space *space) REQUIRES(mm)
{
    space->rooms_kept &= space->region_count > ROOMS_UNTIL;
    return space->rooms_kept;
}

void region_rooms_update(struct space *space, uintptr_t start)
{
    if (rooms_kept(space))
        rooms_set(space->tree, start);
}

void region_rooms_plant(struct space *space, struct region *region)
{
    if (!rooms_kept(space))
        return;
    rooms_set(region->left, region->start);
    rooms_set(region->right, region->start);
    rooms_set(space->tree, region->start);
    if (region->next != NULL)
        rooms_set(space->tree, region->next->start);
}

/* --- The search ---------------------------------------------------------------------------- */

/* The highest room for `length` bytes that ends at or below `top`: between `bottom` and `end`. */
static bool room_fits(uintptr_t bottom, uintptr_t end, uintptr_t top, size_t length)
{
    uintptr_t most = end < top ? end : top;
    return most >= bottom && most - bottom >= length;
}

/* Along the list, from the highest on. */
static inline uintptr_t list_search(const struct space *space, size_t length,
                                    uintptr_t bottom, uintptr_t top) REQUIRES(mm)
{
    uintptr_t end = top;
    for (const struct region *region = space->last; region != NULL;
         region = region->previous) {
        if (region->end + length <= end)
            break;
        if (region_low(region) < end)
            end = region_low(region);
    }
    return end >= length && end - length >= bottom ? end - length : 0;
}

/* Down the tree: to the right as long as there may be something. What lies at or above `top` has
 * its room there, too, or across it; so the first that is not large enough below it may be met on
 * the way, once. */
static struct region *tree_search(struct region *tree, size_t length, uintptr_t top)
{
    size_t pages = length / PAGE_SIZE;
    if (tree == NULL || tree->room_most < (pages < UINT32_MAX ? pages : UINT32_MAX))
        return NULL;
    uintptr_t bottom = tree->previous != NULL ? tree->previous->end : 0;
    if (bottom < top) { /* else all to the right lies above */
        struct region *right = tree_search(tree->right, length, top);
        if (right != NULL)
            return right;
        if (room_fits(bottom, region_low(tree), top, length))
            return tree;
    }
    return tree_search(tree->left, length, top);
}

uintptr_t region_gap(struct space *space, size_t length, uintptr_t bottom, uintptr_t top)
{
    if (length > top) /* nor is any sum below too large */
        return 0;
    if (space->region_count <= ROOMS_UNTIL ||
        (!space->rooms_kept && space->region_count < ROOMS_FROM))
        return list_search(space, length, bottom, top);
    if (!rooms_kept(space))
        rooms_set_all(space->tree);
    space->rooms_kept = true;
    uintptr_t end = top;
    if (!room_fits(space->last->end, top, top, length)) {
        const struct region *region = tree_search(space->tree, length, top);
        if (region == NULL)
            return 0;
        end = region_low(region) < top ? region_low(region) : top;
    }
    return end - length >= bottom ? end - length : 0;
}

/* --- Growing, rights ------------------------------------------------------------------ */

/* The stack's region grows down to what is touched, as far as its limit allows and nothing
 * that can be touched comes near; another stack may, and is its own limit. */
struct region *region_grow_stack(struct space *space, uintptr_t address)
{
    struct region *region = region_at_or_above(space, address);
    if (region == NULL || !region->grows_down || address < REGION_BOTTOM ||
        region->end - address > space->stack_most)
        return NULL;
    const struct region *below = region->previous;
    if (below != NULL && below->access && !below->grows_down &&
        address < below->end + REGION_STACK_GAP)
        return NULL;
    if (shared_code_bars(space, address, region->start) ||
        promise_check_longer(space, region, region->start - address) != 0)
        return NULL;
    promise_more(space, region, region->start - address);
    region->start = address;
    if (space->rooms_kept)
        region_rooms_update(space, address);
    trace_range(TRACE_GROW, space->id, address, 0);
    return region;
}
