/* mm/frames/ready.h - frames that a processor has cleared for itself, ahead.
 *
 * Clearing a frame takes as long as the rest of a fault. With several processors nobody does it
 * with the mm lock held, for which others wait: each clears some frames before, and takes one of
 * them when it has the lock. They are free frames like others, though on no list (`apart`), and
 * whoever finds no other takes them. */
#ifndef MM_READY_H
#define MM_READY_H

#include "mm/frames/frame.h"

/* Before something that may want zeroed frames: this processor has some ready, or else there are
 * enough on the list, unless memory is short. Was the mm lock let go of? Then what was seen before
 * may be otherwise now. */
bool ready_make(void) REQUIRES(mm);

/* For the idle loop, as frame_zero_one: a plain frame goes to the zeroed list. */
bool ready_clear_one(void) REQUIRES(mm);

/* --- Within the room --- */

/* The next one of this processor's, or of anybody's; FRAME_NONE: there is none. Who asks takes it
 * at once (ready_taken), or leaves it. */
frame_t ready_first(void) REQUIRES(mm);
frame_t ready_of_others(void) REQUIRES(mm);
void ready_taken(frame_t frame) REQUIRES(mm);

/* For the audit: those of one processor, `count` of them. */
const frame_t *ready_frames(unsigned processor, unsigned *count) REQUIRES(mm);

#endif
