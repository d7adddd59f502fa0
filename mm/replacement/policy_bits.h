/* mm/replacement/policy_bits.h - what a policy may ask about a frame. */
#ifndef MM_POLICY_BITS_H
#define MM_POLICY_BITS_H

#include "mm/frames/frames.h"

/* Was the page referenced since this was last asked of it? (The bit R; asking clears it.)
 * To be asked within victim() and referenced() only: the answers are flushed together. */
bool policy_test_referenced(frame_t frame) REQUIRES(mm);
/* Would evicting it have to write it? (The bit M; asking changes nothing.) */
bool policy_test_modified(frame_t frame) REQUIRES(mm);
/* Is it neither pinned nor on its way, nor in want of a slot when there is none? */
bool policy_may_evict(frame_t frame) REQUIRES(mm);

#endif
