/* mm/frames/record.h - frames for what is written down of groups: references
 * (mm/reference_tracing/), victims (kernel/cgroupfs/victims.c).
 *
 * A record is there until its group goes, whoever asked for it, and cannot be evicted. So all
 * together have a bound, a part of memory. Their frames are charged as all others are. */
#ifndef MM_RECORD_H
#define MM_RECORD_H

#include "mm/frames/frame.h"

/* `count` frames, of which the contents are anything. False: there are not so many to be had,
 * or there would be more of them than a part of memory; then none is taken. Never sleeps. */
bool record_take(frame_t taken[], uint32_t count);
/* How many more there may be. */
uint32_t record_room(void);
void record_give(const frame_t taken[], uint32_t count);

#endif
