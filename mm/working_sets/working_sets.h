/* mm/working_sets/working_sets.h - thrashing: working sets.
 *
 * A process needs the pages that it used lately: its working set (working_set.h). If those of
 * all that run do not fit into memory, they thrash, and some process must be swapped out whole
 * (swapping.h).
 *
 * May use: all rooms that stand before it in mm/mm.h. */
#ifndef MM_WORKING_SETS_ROOM_H
#define MM_WORKING_SETS_ROOM_H

#include "mm/working_sets/swapping.h"
#include "mm/working_sets/working_set.h"

#endif
