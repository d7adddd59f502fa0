/* mm/frame_allocation/shares.h - shares in force: local replacement.
 *
 * A group's share is how many frames nobody else may take from it. Without shares, all
 * groups compete, which is global replacement: whose page goes depends on what the others
 * do. With them a group that wants more than its share exchanges its own pages, and how
 * often it faults is its own affair. A share is a limit, too. When it is lowered, the group
 * gets no frame until it has given back what it has too much: so it may be above for a
 * while, but never grows there. */
#ifndef MM_SHARES_H
#define MM_SHARES_H

#include "mm/frame_allocation/allocation.h"
#include "mm/frame_allocation/group.h"
#include "mm/replacement/replacement.h"

struct group;

/* --- Whose page goes ---------------------------------------------------------------------- */

/* Frames of the group that others may have. */
static inline uint32_t shares_excess(const struct group *group)
{
    return group->charged > group->share ? group->charged - group->share : 0;
}

/* The group that has most to give; with shares_turns, the one whose turn it is. */
struct group *shares_source(void) REQUIRES(mm);

/* Global replacement among groups that each have a policy of their own: they take turns, as a
 * hand going over all of memory meets their frames. So whoever holds twice as much loses
 * twice as much, whoever asked. */
extern bool shares_turns;

/* reclaim() from `group` for the sake of the group `wanting`: the one place where a process
 * may lose a frame to another. It does only what lies beyond its share; asserted. */
enum reclaim shares_reclaim(struct group *group, uint16_t wanting, bool cluster)
    REQUIRES(mm);

/* --- What is in force ----------------------------------------------------------------------- */

/* Frames that can be divided now: free ones beyond the high mark, and all that pages have. */
uint32_t shares_frames(void) EXCLUDES(mm);

/* The group has this share, and limit, from now on: nothing is evicted for it. */
void share_set(struct group *group, uint32_t share) REQUIRES(mm);
/* All groups' together. */
uint64_t shares_sum(void) EXCLUDES(mm);
/* Put shares in force, those that shrink first, evicting what is above them: so the limits
 * together never exceed the frames that were divided. May sleep; the groups must stay
 * meanwhile. */
void shares_apply(enum allocation_scheme scheme, const struct claim *claims, unsigned count,
                  uint32_t frames) SLEEPS EXCLUDES(mm);
/* The group has no share any more, and no limit. */
void shares_end(struct group *group) EXCLUDES(mm);
/* No share any more; the limit stays. */
void shares_leave(struct group *group) EXCLUDES(mm);

/* A group at or above its share wants a frame more, and none of its own can go: one instruction
 * needs more than its minimum foresaw, or there is nowhere to write pages to. It gets one, and
 * if it holds many a part of that, until shares are put in force again; as long as there are
 * frames, for when there are none somebody has to end. False: it has no share, only a limit. */
bool shares_stretch(struct group *group) REQUIRES(mm);

/* Frames are short, by `missing`, and no group has more than its share: page tables have
 * grown, or the kernel. All shares are divided anew, from so many fewer. False: nobody has to
 * give anything; the minimums are reached. */
bool shares_press(uint32_t missing) REQUIRES(mm);

#endif
