/* kernel/thrashing/frame_shares.h - frame allocation over groups, kept in force.
 *
 * allocation.h divides; here stand what is divided by which scheme, who takes part,
 * and when. */
#ifndef KERNEL_THRASHING_FRAME_SHARES_H
#define KERNEL_THRASHING_FRAME_SHARES_H

#include "mm/mm.h"

struct process;

extern struct allocation {
    enum allocation_scheme scheme;
    struct allocation_bounds bounds; /* for fault-frequency */
    uint32_t asked;                  /* frames to divide; 0: all there are */
    uint32_t divided;                /* the last time */
} allocation;

/* A round is under way: the groups that take part must stay. */
extern bool allocation_under_way;

/* Begin, as the parameters say. */
void allocation_start(void);
/* Another scheme, in force on return. `frames` 0: all there are. May sleep. */
void allocation_set(enum allocation_scheme scheme, uint32_t frames) SLEEPS;
/* Divide anew, now; in force on return. Nothing to do under global replacement. May sleep. */
void allocation_now(void) SLEEPS;
/* The same soon, by the kernel's own thread. */
void allocation_soon(void);
/* A group is new: until the next round it has what nobody has yet, at least the minimum. */
void allocation_begin(struct group *group);
/* Sleep until no round is under way. */
void allocation_settle(void) SLEEPS;

/* With the processes there are, and `one_more` that is suspended (or NULL): is no share
 * smaller than a working set? Always so where shares follow faults, or there are none. */
bool allocation_fits(struct process *one_more);

/* What the group claims. False: it takes no part (no process, the root, a limit by hand). */
bool allocation_claim(unsigned group, struct claim *claim);

#endif
