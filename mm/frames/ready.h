/* mm/frames/ready.h - frames that a processor has cleared for itself, ahead.
 *
 * Clearing a frame takes as long as the rest of a fault. With several processors nobody does it
 * with the mm lock held, for which others wait: each clears some frames before, and takes one of
 * them when it has the lock. They are free frames like others, though on no list (`apart`), and
 * whoever finds no other takes them. */
#ifndef MM_READY_H
#define MM_READY_H

#include "mm/frames/frame.h"

/* A fault wants at most a page, and the tables on the way to it. Fewer than that are made more, so
 * that no processor has twice as many. */
#define READY_LEAST TABLE_LEVELS

/* All zeroes; the last is taken first. */
struct ready {
    unsigned count;
    frame_t frames[2 * READY_LEAST];
};
extern struct ready ready[PROCESSORS_MOST] GUARDED_BY(mm);

/* Before something that may want so many zeroed frames: this processor has some ready, or else
 * there are enough on the list, unless memory is short. Was the mm lock let go of? Then what was
 * seen before may be otherwise now. */
bool ready_make(unsigned wanted) REQUIRES(mm);

/* For the idle loop, as frame_zero_one: a plain frame goes to the zeroed list. */
bool ready_clear_one(void) REQUIRES(mm);

/* --- Within the room --- */

/* The next one of this processor's, or of anybody's, which leaves the list of free frames now;
 * FRAME_NONE: there is none. */
frame_t ready_take(void) REQUIRES(mm);
frame_t ready_take_others(void) REQUIRES(mm);

/* For the audit: those of one processor, `count` of them. */
const frame_t *ready_frames(unsigned processor, unsigned *count) REQUIRES(mm);

#endif
