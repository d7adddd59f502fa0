/* mm/frame_allocation/oom.h - when there is no frame to be had. */
#ifndef MM_OOM_H
#define MM_OOM_H

#include "mm/frame_allocation/group.h"

/* Nothing of the group (OOM_ANYBODY: of any) can be evicted, and frames are wanted. Has the
 * process of it that holds most ended, unless one is ending already. Does not wait for its
 * end; it may be the caller's own. */
#define OOM_ANYBODY GROUPS_MAX
void oom_relieve(uint16_t group) REQUIRES(mm);
extern uint64_t oom_kills; /* since the start */

#endif
