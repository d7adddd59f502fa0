/* mm/address_spaces/region.c - what has been promised to a space.
 *
 * A region is a run of addresses with one protection and one backing. A fault must find
 * the region of an address fast, and neighbours must be found to split and join: so the
 * regions of a space are both on a list in order of address and in a search tree. The tree
 * is a treap (Aragon and Seidel, 1989): ordered by address like a search tree, and by a
 * random priority like a heap, which keeps it shallow without any rebalancing cases. The
 * "random" priorities are a fixed sequence: the kernel behaves the same every time. What the tree
 * knows of the room between them stands in region_layout.c. */
#include "mm/address_spaces/region.h"

#include "mm/address_spaces/promise.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frames/frames.h"
#include "mm/trace.h"

static struct slab_cache region_cache = SLAB_CACHE("region", struct region);

uint32_t region_most = REGIONS_MOST;

void region_most_set(void)
{
    uint64_t fit = (uint64_t)frame_counts.total * PAGE_SIZE / 4 / sizeof(struct region);
    region_most = fit < REGIONS_MOST ? (uint32_t)fit : REGIONS_MOST;
}

struct region *region_create(const struct space *space)
{
    return slab_take_for(&region_cache, space->account);
}

void region_destroy(struct region *region)
{
    if (region->object != NULL)
        object_release_locked(region->object);
    slab_give_locked(&region_cache, region);
}

static uint32_t region_priority(void)
{
    static uint32_t state = 0x9e3779b9;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* --- The tree --------------------------------------------------------------------- */

/* Cut a tree into the regions below `address` and those from it on. */
static void tree_split(struct region *tree, uintptr_t address, struct region **below,
                       struct region **above)
{
    while (tree != NULL) {
        if (tree->start < address) {
            *below = tree;
            below = &tree->right;
            tree = tree->right;
        } else {
            *above = tree;
            above = &tree->left;
            tree = tree->left;
        }
    }
    *below = *above = NULL;
}

/* Make one tree of two, all of `below` lying below all of `above`, at *place. */
static void tree_merge(struct region **place, struct region *below, struct region *above)
{
    while (below != NULL && above != NULL) {
        if (below->priority > above->priority) {
            *place = below;
            place = &below->right;
            below = below->right;
        } else {
            *place = above;
            place = &above->left;
            above = above->left;
        }
    }
    *place = below != NULL ? below : above;
}

static struct region **tree_place(struct space *space, uintptr_t start, uint32_t priority)
{
    struct region **place = &space->tree;
    while (*place != NULL && (*place)->priority >= priority)
        place = start < (*place)->start ? &(*place)->left : &(*place)->right;
    return place;
}

struct region *region_at_or_above(struct space *space, uintptr_t address)
{
    struct region *best = NULL;
    for (struct region *at = space->tree; at != NULL;) {
        if (address < at->end) {
            best = at;
            if (address >= at->start)
                break;
            at = at->left;
        } else {
            at = at->right;
        }
    }
    return best;
}

struct region *region_find(struct space *space, uintptr_t address)
{
    struct region *region = space->recent;
    if (region != NULL && address >= region->start && address < region->end)
        return region;
    region = region_at_or_above(space, address);
    if (region == NULL || address < region->start)
        return NULL;
    space->recent = region;
    return region;
}

/* --- In and out ------------------------------------------------------------------- */

void region_insert(struct space *space, struct region *region)
{
    ASSERT(region->start < region->end);
    bool last = space->last == NULL || space->last->end <= region->start;
    struct region *next = last ? NULL : region_at_or_above(space, region->start);
    ASSERT(next == NULL || region->end <= next->start);
    struct region *previous = next != NULL ? next->previous : space->last;
    region->next = next;
    region->previous = previous;
    *(previous != NULL ? &previous->next : &space->first) = region;
    *(next != NULL ? &next->previous : &space->last) = region;

    region->priority = region_priority();
    struct region **place = tree_place(space, region->start, region->priority);
    tree_split(*place, region->start, &region->left, &region->right);
    *place = region;
    space->region_count++;
    if (__builtin_expect(space->rooms_kept, false))
        region_rooms_plant(space, region);
    promise_more(space, region, region->end - region->start);
}

void region_remove(struct space *space, struct region *region)
{
    *(region->previous != NULL ? &region->previous->next : &space->first) = region->next;
    *(region->next != NULL ? &region->next->previous : &space->last) = region->previous;
    struct region **place = &space->tree;
    while (*place != region)
        place = region->start < (*place)->start ? &(*place)->left : &(*place)->right;
    tree_merge(place, region->left, region->right);
    if (__builtin_expect(space->rooms_kept, false)) {
        region_rooms_update(space, region->start);
        if (region->next != NULL)
            region_rooms_update(space, region->next->start);
    }
    if (space->recent == region)
        space->recent = NULL;
    space->region_count--;
    promise_less(space, region, region->end - region->start);
}

static bool maps_object(const struct space *space, const struct object *object,
                        unsigned access_max, bool shared) REQUIRES(mm)
{
    const struct region *region = space->first;
    while (region != NULL && (region->object != object || (shared && !region->shared) ||
                              !(region->access_max & access_max)))
        region = region->next;
    return region != NULL;
}

bool region_maps_object(const struct object *object, unsigned access_max, bool shared)
{
    mm_lock();
    const struct space *space = space_first;
    while (space != NULL && !maps_object(space, object, access_max, shared))
        space = space->next;
    mm_unlock();
    return space != NULL;
}
