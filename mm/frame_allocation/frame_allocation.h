/* mm/frame_allocation/frame_allocation.h - allocation of frames.
 *
 * How many frames does each process get? Frames are charged to groups (group.h): one group for
 * all is global replacement, one for each process is local. A scheme says what each shall have
 * (allocation.h), and shares hold each to that (shares.h). When nothing can go any more,
 * somebody must end (oom.h).
 *
 * May use: frames/, page_tables/; and by their main headers address_spaces/, demand_paging/ and
 * replacement/. */
#ifndef MM_FRAME_ALLOCATION_ROOM_H
#define MM_FRAME_ALLOCATION_ROOM_H

#include "mm/frame_allocation/allocation.h"
#include "mm/frame_allocation/blame.h"
#include "mm/frame_allocation/group.h"
#include "mm/frame_allocation/group_hooks.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frame_allocation/oom.h"
#include "mm/frame_allocation/shares.h"

#endif
