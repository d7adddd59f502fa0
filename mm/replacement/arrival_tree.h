/* mm/replacement/arrival_tree.h - frames in the order in which they came, and the n-th of them.
 *
 * A queue knows who is first; who is the n-th it knows only by n steps. Here the frames are in a
 * search tree by arrival, a treap as that of regions (mm/address_spaces/region.c), in which each
 * knows how many are below it: so the n-th is found going down once. The links of a policy's queue
 * are the tree's, the policy word is that number, and when a page came, its ghost tells. */
#ifndef MM_ARRIVAL_TREE_H
#define MM_ARRIVAL_TREE_H

#include "mm/policy.h"

/* Those that came before it, and after it, of those below it. */
static inline frame_t *earlier(frame_t frame) REQUIRES(mm)
{
    return &frame_get(frame)->previous;
}

static inline frame_t *later(frame_t frame) REQUIRES(mm)
{
    return &frame_get(frame)->next;
}

static inline uint32_t tree_count(frame_t root) REQUIRES(mm)
{
    return frame_is(root) ? frame_get(root)->policy : 0;
}

/* Who is above whom: as good as by chance, and always the same. */
static inline bool is_above(frame_t one, frame_t other)
{
    return one.number * 0x9e3779b1u > other.number * 0x9e3779b1u;
}

static inline bool came_before(frame_t one, frame_t other) REQUIRES(mm)
{
    uint32_t first = page_get(frame_get(one)->page)->ghost;
    return (int32_t)(first - page_get(frame_get(other)->page)->ghost) < 0;
}

/* It came last. */
static inline void tree_append(frame_t *root, frame_t frame) REQUIRES(mm)
{
    frame_t *place = root;
    for (; frame_is(*place) && is_above(*place, frame); place = later(*place))
        frame_get(*place)->policy++;
    *earlier(frame) = *place;
    *later(frame) = FRAME_NONE;
    frame_get(frame)->policy = 1 + tree_count(*place);
    *place = frame;
}

/* One tree of two, all of `before` having come before all of `after`, at *place. */
static inline void tree_merge(frame_t *place, frame_t before, frame_t after) REQUIRES(mm)
{
    while (frame_is(before) && frame_is(after)) {
        if (is_above(before, after)) {
            frame_get(before)->policy += tree_count(after);
            *place = before;
            place = later(before);
            before = *place;
        } else {
            frame_get(after)->policy += tree_count(before);
            *place = after;
            place = earlier(after);
            after = *place;
        }
    }
    *place = frame_is(before) ? before : after;
}

static inline void tree_remove(frame_t *root, frame_t frame) REQUIRES(mm)
{
    frame_t *place = root;
    while (!frame_same(*place, frame)) {
        frame_get(*place)->policy--;
        place = came_before(frame, *place) ? earlier(*place) : later(*place);
    }
    tree_merge(place, *earlier(frame), *later(frame));
}

/* The one before which so many came; there are more. */
static inline frame_t tree_find(frame_t root, uint32_t number) REQUIRES(mm)
{
    frame_t at = root;
    for (uint32_t before; number != (before = tree_count(*earlier(at)));) {
        if (number < before) {
            at = *earlier(at);
        } else {
            number -= before + 1;
            at = *later(at);
        }
    }
    return at;
}

#endif
