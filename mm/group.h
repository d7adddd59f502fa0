/* mm/group.h - frames that compete with each other, under one limit.
 *
 * Every resident page is charged to one group: that of the process that had it filled.
 * One group for all is global replacement; one for each process is local. */
#ifndef MM_GROUP_H
#define MM_GROUP_H

#include "mm/frame.h"

#define GROUPS_MAX 256

struct group {
    bool in_use;
    uint32_t charged; /* frames */
    uint32_t limit;   /* frames; never exceeded. UINT32_MAX: none */
};

extern struct group groups[GROUPS_MAX];
#define GROUP_ALL 0 /* the group that is always there */

/* The group of the space that is loaded: whom the kernel works for. */
extern uint16_t group_current;

/* Charge one frame to a group: false when that would exceed its limit. */
static inline bool group_charge(uint16_t group)
{
    if (groups[group].charged >= groups[group].limit)
        return false;
    groups[group].charged++;
    return true;
}

static inline void group_uncharge(uint16_t group)
{
    ASSERT(groups[group].charged > 0);
    groups[group].charged--;
}

static inline bool group_limited(uint16_t group)
{
    return groups[group].limit != UINT32_MAX;
}

#endif
