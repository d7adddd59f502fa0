/* mm/hooks.h - what the lower rooms of mm/ ask of the higher ones.
 *
 * A room calls those that stand before it (mm/mm.h). These few calls go the other way,
 * and each is here, with the room that answers: a frame that is used again must leave
 * the page it kept; somebody must be told when free frames run short; and an entry that
 * wires its frame takes it out of its group. */
#ifndef MM_HOOKS_H
#define MM_HOOKS_H

#include "mm/lock.h"

/* replacement/: fewer than `low` frames are free. Have the daemon work, unless its last work was
 * in vain. */
void pageout_wake(void) REQUIRES(mm);

/* demand_paging/: the frame on the free list that kept the page is used for another. A page
 * without a slot gives up its id: its object finds it again. */
void page_lose_frame(page_t page) REQUIRES(mm);

/* frame_allocation/: one more, one less entry wires the frame. The first takes it out of its
 * group's charge and its policy's hands, the last gives it back. */
void group_wire(frame_t frame) REQUIRES(mm);
void group_unwire(frame_t frame) REQUIRES(mm);

#endif
