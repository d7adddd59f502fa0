/* mm/demand_paging/demand_paging.h - demand paging and copy-on-write.
 *
 * A page is brought in when it is first touched. The fault goes in six steps (fault.h). The
 * contents are zeroes, or come out of a file or of shared memory (object.h), or back from a slot
 * (page_in.h); or they are copied from a page that has been shared since fork (space_fork.h). A
 * reference beyond what was promised ends the program.
 *
 * May use: frames/, page_tables/; and by their main headers address_spaces/, replacement/ and
 * frame_allocation/. */
#ifndef MM_DEMAND_PAGING_ROOM_H
#define MM_DEMAND_PAGING_ROOM_H

#include "mm/demand_paging/cluster.h"
#include "mm/demand_paging/fault.h"
#include "mm/demand_paging/fault_pins.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/object_io.h"
#include "mm/demand_paging/object_lock.h"
#include "mm/demand_paging/object_punch.h"
#include "mm/demand_paging/page.h"
#include "mm/demand_paging/page_in.h"
#include "mm/demand_paging/space_copy.h"
#include "mm/demand_paging/space_fork.h"

#endif
