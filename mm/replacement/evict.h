/* mm/replacement/evict.h - a page loses its frame; a page gets one back. */
#ifndef MM_EVICT_H
#define MM_EVICT_H

#include "mm/frames/frames.h"
struct group;

/* --- Out ---------------------------------------------------------------------------- */

enum reclaim {
    RECLAIM_FREED,   /* a frame of the group has come free */
    RECLAIM_STARTED, /* one will, when its page has been written: laundry_wait() */
    RECLAIM_WAIT,    /* none can go until a write that is under way has ended */
    RECLAIM_NOTHING, /* none can go */
};

/* Have the group's policy choose a victim, and evict it. Victims that cannot go are readmitted,
 * at most one round. With `cluster`, a write may be held back until others come along
 * (laundry_send). Does not sleep. */
enum reclaim reclaim(struct group *group, bool cluster) REQUIRES(mm);

/* Memory is out for the users of that group. Panic if it only seems so because the group's
 * policy breaks its rules. */
void reclaim_check(struct group *group) REQUIRES(mm);

/* Would evicting the page need a slot that it does not have? */
bool evict_needs_slot(frame_t frame) REQUIRES(mm);

/* Evict this page: resident, admitted, neither pinned nor wired. Who traces its group is told
 * (group_evicting), and it is its policy's no more; the steps, and their order, stand at the top
 * of evict.c. Its entries become zero if that is enough to find it again: it is an object's, or
 * nobody has written it since it was zeroes, and all who hold it are mappers; else its name. A
 * private page that is still held then needs a slot, modified or not. True: its frame is free, or
 * its write is under way. False: there is no slot for it; it is resident again, and its policy's.
 * Does not sleep. Needs !laundry_full(). */
bool evict(frame_t frame) REQUIRES(mm);

/* Since the kernel's start, for all groups together. */
extern struct evict_counts {
    uint64_t scanned;   /* victims named by a policy */
    uint64_t evicted;   /* of those, gone */
    uint64_t refaulted; /* pages with a slot that came back, from it or rescued */
    uint64_t foreign;   /* of those evicted, from one group for another's sake */
} evict_counts;

/* For laundry.c: the write of an evicted page has ended; the frame comes free, or back if
 * the page could not be written. */
void evict_written(frame_t frame, bool written) REQUIRES(mm);

/* --- In ----------------------------------------------------------------------------- */

struct fault_report;

#endif
