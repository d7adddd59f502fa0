/* mm/frame_allocation/group.h - frames that compete with each other, under one policy
 * and one limit.
 *
 * Every resident page is charged to one group: that of the process that had it filled.
 * One group for all is global replacement; one for each process is local. A limit is
 * exact: the frame that would exceed it is not taken, a page of the group goes first.
 *
 * The frames of a group are a list, in the order in which they came: what is done to all of them,
 * a tick, another policy, an heir, costs as much as the group has, however large memory is. The
 * list runs through frames[], beside the links that are the policy's. */
#ifndef MM_GROUP_H
#define MM_GROUP_H

#include "arch/processor.h"
#include "mm/frames/frames.h"

#define GROUPS_MAX 256

struct group_hooks;
struct policy;

/* Room for a policy's hands, queues and counters. */
#define GROUP_STATE_WORDS 32

struct group {
    bool in_use;
    bool watched;    /* above_evicted is told of every page that goes */
    uint8_t granted; /* carried on to the next victim (replacement/swappiness.h) */
    uint8_t in_vain; /* so many victims are not weighed, or until a page of a file comes */
    frame_t first, last; /* its frames: those charged, and those wired */
    frame_t tick_at;  /* where a tick that takes long goes on (harvest.c), or FRAME_NONE */
    uint32_t charged; /* frames */
    uint32_t wired;   /* frames that would be charged if they were not wired */
    uint32_t reading; /* of those charged, BUSY with a page that is being read */
    uint32_t peak;    /* most that were ever */
    uint32_t limit;   /* frames; never exceeded, but for a while when a share has been
                         lowered. UINT32_MAX: none */
    uint32_t share;   /* frames that are taken from it for nobody else (shares.h) */
    uint32_t tick_period; /* faults between ticks; 0: only explicit ones */
    const struct policy *policy;
    const struct group_hooks *hooks; /* of who traces it (group_hooks.h); NULL: nobody */
    uint64_t faults;                 /* pages admitted so far: the policy's clock */
    uint64_t ticks;
    /* counted since the group began; docs/reference.md says what is what */
    uint64_t evicted, written, refaulted, rescued, page_ins, scanned;
    uint64_t foreign;                  /* of those evicted, for another group's sake */
    uint64_t state[GROUP_STATE_WORDS]; /* the policy's */
};

extern struct group groups[GROUPS_MAX];
extern unsigned group_count; /* groups[] beyond were never in use */
#define GROUP_ALL 0          /* the group that is always there */

/* The group of the space that is loaded: whom the kernel works for. */
#define group_current (this_processor->group)

static inline uint16_t group_index(const struct group *group)
{
    return (uint16_t)(group - groups);
}

/* Who pays for a page that is wanted, and whether the payer's clock has moved for it: a
 * fault that has to wait and begins again wants the same page still. */
struct charge {
    uint16_t group;
    bool counted;
};

/* Is one more frame within the group's limit? */
static inline bool group_has_room(const struct group *group) REQUIRES(mm)
{
    return group->charged < group->limit;
}

/* The group demands a frame for a page: its clock moves, once for each page, with a tick if one is
 * due. True if it has room for the frame. Charges nothing. */
bool group_demand(struct charge *charge) REQUIRES(mm);
/* `frame`, which holds its page already, is charged to the group and admitted. */
void group_admit(struct charge *charge, frame_t frame) REQUIRES(mm);
/* The frame is the policy's no more (evicted, wired, or its page has ended)… */
void group_remove(frame_t frame) REQUIRES(mm);
/* …and its group's no more. */
void group_uncharge(frame_t frame) REQUIRES(mm);
/* Both at once: the page of a frame in its policy's hands has ended. */
void group_drop(frame_t frame) REQUIRES(mm);
/* The page of a wired frame has ended: the frame is its group's no more. */
void group_uncharge_wired(frame_t frame) REQUIRES(mm);
/* A frame of `group` is the heir's from now on, charged or wired as it was. */
void group_pass_on(struct group *group, struct group *heir, frame_t frame) REQUIRES(mm);

/* A page of a file has come: to search for one that can go is not in vain any more. */
static inline void group_file_came(struct group *group) REQUIRES(mm)
{
    group->in_vain = 0;
}

/* The page of an admitted frame is being read from now on: it cannot go… */
void group_read_begins(frame_t frame) REQUIRES(mm);
/* …and now it is there, or will not come. */
void group_read_ends(frame_t frame) REQUIRES(mm);
/* Sleep until one that is being read is not any more. False: the group has none. */
bool group_read_wait(const struct group *group) SLEEPS REQUIRES(mm);

/* Some group has, or had, a limit or a tracer. Until then no fault needs to look. */
extern bool groups_special;

static inline bool group_limited(uint16_t group)
{
    return groups_special && groups[group].limit != UINT32_MAX;
}

/* Does somebody see each reference of the group's programs, and tell its policy? */
static inline bool group_traced(uint16_t group)
{
    return groups_special && groups[group].hooks != NULL;
}

/* Does every page that is only read count too, and need a frame of its own? */
static inline bool group_counts(uint16_t group)
{
    return groups_special &&
           (groups[group].limit != UINT32_MAX || groups[group].hooks != NULL);
}

#endif
