/* mm/replacement/laundry.h - modified pages on their way to their slots. */
#ifndef MM_LAUNDRY_H
#define MM_LAUNDRY_H

#include "mm/frames/frames.h"
/* Writes begun and not reaped, those held back among them. */
extern uint32_t laundry_count;

/* Begin to write an evicted page (its frame BUSY, in no space); evict_written() tells the end.
 * The write is held back for others that continue it on the device, until laundry_send().
 * False: there is no slot. Needs !laundry_full(). */
bool laundry_write(frame_t frame) REQUIRES(mm);
/* The same for a page that stays resident, if `keeps`. */
bool laundry_begin(frame_t frame, bool keeps) REQUIRES(mm);
bool laundry_full(void) REQUIRES(mm);
/* Hand to the device what was held back. */
void laundry_send(void) REQUIRES(mm);
/* Deal with the writes that have come to their end. */
void laundry_reap(void) REQUIRES(mm);
/* Send, sleep until some write has ended, and reap. At once when none is under way. */
void laundry_wait(void) SLEEPS REQUIRES(mm);

/* Once, at the beginning. */
void laundry_start(void) REQUIRES(mm);

#endif
