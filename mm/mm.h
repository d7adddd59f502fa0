/* mm/mm.h - starting memory management. */
#ifndef MM_MM_H
#define MM_MM_H

#include "mm/fault.h"
#include "mm/group.h"
#include "mm/pageoutd.h"
#include "mm/space.h"

/* Bytes that frames[], pages[] and the object hash need. */
size_t mm_size(uint32_t frame_count, uint32_t slot_count);
/* Build them in `memory` (cleared, page-aligned). All frames are FRAME_KERNEL until given
 * by frame_give(); after the last frame_give call mm_ready() with the swap device of
 * `slot_count` * 4096 bytes (NULL when that is 0). */
void mm_init(void *memory, uint32_t frame_count, uint32_t slot_count);
void mm_ready(struct block_device *swap);

/* Recompute every invariant of the two arrays from the page tables alone (mm/more/audit.c).
 * Returns how many are broken; each is told through above_message. */
unsigned mm_audit(void);

#endif
