/* mm/frame_allocation/groups.h - groups begin and end, have limits, and take spaces in. */
#ifndef MM_GROUPS_H
#define MM_GROUPS_H

#include "mm/frame_allocation/group.h"

/* The limit is this from now on, whatever is charged already: the caller sees to that. */
void group_limit_set(struct group *group, uint32_t limit) REQUIRES(mm);
/* The space's faults are the group's from now on; pages already charged stay where they are. */
void group_join(struct space *space, const struct group *group) EXCLUDES(mm);
/* Once, at the beginning: GROUP_ALL, under the default policy. */
void group_start(void) REQUIRES(mm);
/* A new group without limit, under the default policy; NULL: there are GROUPS_MAX. */
struct group *group_create(void) EXCLUDES(mm);
/* A group that no space uses any more; pages still charged to it go to `heir`, whose limit
 * must have room for them. */
void group_destroy(struct group *group, struct group *heir) EXCLUDES(mm);
/* Set the limit, in frames, and evict what is above it. May sleep. 0; -ENOMEM: so few cannot be
 * reached (pinned, wired); the limit is then as before. -EINTR: being killed. */
MUST_USE int group_limit(struct group *group, uint32_t limit) SLEEPS EXCLUDES(mm);
/* Evict up to `count` frames' pages. May sleep. How many went. */
uint32_t group_reclaim(struct group *group, uint32_t count) SLEEPS EXCLUDES(mm);
/* above_evicting and above_evicted are told of every page that goes, or not. */
void group_watch(struct group *group, bool watched) EXCLUDES(mm);
/* A tick every so many faults; 0: only explicit ones. */
void group_tick_every(struct group *group, uint32_t faults) EXCLUDES(mm);
/* A tick: harvest what was referenced since the last. */
void group_tick(struct group *group) SLEEPS EXCLUDES(mm);

#endif
