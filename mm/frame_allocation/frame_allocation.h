/* mm/frame_allocation/frame_allocation.h - allocation of frames.
 *
 * How many frames does each process get? Frames are charged to groups (group.h): one for all is global
 * replacement, one for each process is local. A scheme sets what each shall have (allocation.h), shares
 * give and take (shares.h), and when nothing can go any more somebody must end (oom.h).
 *
 * May use: frames/, page_tables/; of address_spaces/, demand_paging/ and replacement/ their main
 * headers. */
#ifndef MM_FRAME_ALLOCATION_ROOM_H
#define MM_FRAME_ALLOCATION_ROOM_H

#include "mm/frame_allocation/allocation.h"
#include "mm/frame_allocation/blame.h"
#include "mm/frame_allocation/group.h"
#include "mm/frame_allocation/groups.h"
#include "mm/frame_allocation/oom.h"
#include "mm/frame_allocation/shares.h"

#endif
