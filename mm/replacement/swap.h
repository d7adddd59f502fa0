/* mm/replacement/swap.h - the swap area: slots for the contents of pages that have no frame. */
#ifndef MM_SWAP_H
#define MM_SWAP_H

#include "mm/above.h"
#include "mm/frames/frames.h"

/* The device, and how many slots of 4 KiB lie on it; NULL, 0: there is none. `map` is
 * swap_map_size(slots) cleared bytes. */
void swap_start(struct block_device *device, uint32_t slots, void *map) REQUIRES(mm);
size_t swap_map_size(uint32_t slots);

/* A free slot, which counts as used from now on; when all are used or retired, one taken back
 * from a resident page, whose frame becomes dirty by that. SLOT_NONE: all hold what nothing else
 * does. */
MUST_USE slot_t swap_take(void) REQUIRES(mm);
/* May swap_take succeed? (It may still fail, when no page of the swap cache is left that can
 * give its slot.) */
bool swap_available(void) REQUIRES(mm);
/* A page with a slot has come into a frame, or is pinned no more: its slot could be taken
 * back. */
void swap_kept(void) REQUIRES(mm);
void swap_give(slot_t slot) REQUIRES(mm);
/* The device failed there: the slot is never used again. */
void swap_retire(slot_t slot) REQUIRES(mm);

struct swap_counts {
    uint32_t total, used, retired;
    uint64_t read, written;             /* pages */
    uint64_t read_errors, write_errors; /* requests */
};
extern struct swap_counts swap_counts;

/* A request that moves the page in `frame` from or to `slot`, ready for block_submit; its
 * memory is the caller's. */
void swap_request(struct block_request *request, frame_t frame, slot_t slot, bool write,
                  void (*done)(struct block_request *request)) REQUIRES(mm);

/* What the slot holds, for the audit. */
const void *swap_peek(slot_t slot) REQUIRES(mm);

#endif
