/* mm/mm.h - the face of memory management: all that the kernel includes of it.
 *
 * Behind it are the rooms, one for each heading of the chapter; the header of a room's
 * own name says what it is for. A room uses those that stand before it here; the four of
 * one line use each other, by those headers:
 *
 *     frames
 *     page_tables
 *     address_spaces   demand_paging   replacement   frame_allocation
 *     reference_tracing
 *     working_sets
 *     check
 *
 * What has to be asked upward is asked in two places: hooks.h (of a higher room) and
 * above.h (of the kernel). */
#ifndef MM_MM_H
#define MM_MM_H

#include "mm/above.h"
#include "mm/address_spaces/address_spaces.h"
#include "mm/check/check.h"
#include "mm/demand_paging/demand_paging.h"
#include "mm/frame_allocation/frame_allocation.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/replacement.h"
#include "mm/trace.h"
#include "mm/view.h"
#include "mm/working_sets/working_sets.h"

/* Bytes that frames[], pages[] and the object hash need. */
size_t mm_size(uint32_t frame_count, uint32_t slot_count);
/* Build them in `memory` (cleared, page-aligned). All frames are FRAME_KERNEL until given
 * by frame_give(); after the last frame_give call mm_ready() with the swap device of
 * `slot_count` * 4096 bytes (NULL when that is 0). */
void mm_init(void *memory, uint32_t frame_count, uint32_t slot_count);
void mm_ready(struct block_device *swap);

#endif
