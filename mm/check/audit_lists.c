/* mm/check/audit_lists.c - the lists that run through frames[]: the free ones, each group's.
 *
 * Every link is followed, and said again by its neighbour. That nobody is missing is told by
 * numbers: the audit has counted by then what frames[] itself says of each frame. */
#include "mm/check/audit_lists.h"

#include "mm/demand_paging/demand_paging.h"
#include "mm/frames/frames.h"

unsigned audit_broken;

/* Frames on a list, every link checked; one that is not `zeroed`, `kept` as the list says
 * has no business there. */
static uint32_t audit_list(enum frame_list which) REQUIRES(mm)
{
    const struct frame_queue *list = frame_list(which);
    uint32_t count = 0;
    frame_t previous = FRAME_NONE;
    for (frame_t at = list->head; frame_is(at) && count <= nframes;
         at = frame_get(at)->next) {
        const struct frame *f = frame_get(at);
        CHECK("8",
              f->state == FRAME_FREE && frame_same(f->previous, previous) && !f->apart &&
                  f->zeroed == (which == FRAME_LIST_ZEROED) &&
                  page_is(f->page) == (which == FRAME_LIST_KEPT),
              "free list %u: frame %u, state %u", which, at.number, f->state);
        previous = at;
        count++;
    }
    CHECK("8", frame_same(list->tail, previous) && list->count == count,
          "free list %u counts %u, has %u", which, list->count, count);
    return count;
}

/* What processors have cleared for themselves. */
static uint32_t audit_ready(void) REQUIRES(mm)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < processor_count; i++) {
        unsigned many;
        const frame_t *each = ready_frames(i, &many);
        for (unsigned at = 0; at < many; at++) {
            const struct frame *f = frame_get(each[at]);
            CHECK("8", f->state == FRAME_FREE && f->apart && f->zeroed,
                  "ready for processor %u: frame %u, state %u", i, each[at].number,
                  f->state);
        }
        count += many;
    }
    return count;
}

uint32_t audit_free_lists(void)
{
    return audit_list(FRAME_LIST_ZEROED) + audit_list(FRAME_LIST_PLAIN) +
           audit_list(FRAME_LIST_KEPT) + audit_ready();
}

void audit_group_list(const struct group *group)
{
    uint32_t count = 0, expected = group->charged + group->wired;
    frame_t previous = FRAME_NONE;
    for (frame_t at = group->in_use ? group->first : FRAME_NONE;
         frame_is(at) && count <= expected; at = frame_get(at)->group_next) {
        const struct frame *f = frame_get(at);
        bool holds = f->state == FRAME_RESIDENT || f->state == FRAME_BUSY;
        CHECK("8",
              holds && f->group == group_index(group) &&
                  frame_same(f->group_previous, previous),
              "group %u lists frame %u, state %u, of group %u", group_index(group),
              at.number, f->state, f->group);
        previous = at;
        count++;
    }
    CHECK("8", count == expected && (!group->in_use || frame_same(group->last, previous)),
          "group %u lists %u frames, has %u", group_index(group), count, expected);
}
