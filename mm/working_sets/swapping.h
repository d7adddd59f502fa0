/* mm/working_sets/swapping.h - swapping in the old sense: a whole process out of memory, and back.
 *
 * Paging takes pages one by one, as they are wanted. A process that is not to run for a while
 * is better moved as a whole: its pages are written in the order of their addresses into slots
 * beside each other, eight in one service time, and its working set is read back the same way,
 * before it runs again (*prepaging*), instead of one page a fault. */
#ifndef MM_SWAPPING_H
#define MM_SWAPPING_H

#include "mm/address_spaces/address_spaces.h"

struct swapping_counts {
    uint64_t out;   /* pages that went because their process was suspended */
    uint64_t in;    /* pages brought back ahead of its faults: read, or rescued */
    uint64_t reads; /* service times that those took */
};
extern struct swapping_counts swapping_counts;

/* Evict all pages that only this space has. Returns when what had to be written has been, or
 * when the space is at its end. The caller holds the space; nothing of it needs to be
 * loaded, and its threads may still run. Both take the lock, and sleep; one thread at a time. */
void swapping_out(struct space *space) SLEEPS EXCLUDES(mm);
/* Bring back and map the pages of its working set that have no frame, as long as there are
 * frames to spare. */
void swapping_in(struct space *space) SLEEPS EXCLUDES(mm);

#endif
