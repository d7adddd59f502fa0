/* mm/replacement/harvest.h - what the processor noted: A and D bits, collected. */
#ifndef MM_HARVEST_H
#define MM_HARVEST_H

#include "mm/frames/frames.h"
struct group;

/* Collect the A bits of all mappers into frames[].referenced and .recent, clearing them.
 * Within harvest_begin … harvest_end, which flushes. */
void harvest(frame_t frame) REQUIRES(mm);
void harvest_begin(void) REQUIRES(mm);
void harvest_end(void) REQUIRES(mm);

/* Does the frame differ from its backing? Looks at the D bits too; changes nothing. */
bool harvest_modified(frame_t frame) REQUIRES(mm);
/* The same, and it stays true: nobody can write to the frame any more, on any processor. The
 * entries lose their right to write, unless the answer is known without. For eviction. */
bool harvest_modified_finally(frame_t frame) REQUIRES(mm);

/* A tick of the group's clock (policy.h: the order of events). */
void harvest_tick(struct group *group) REQUIRES(mm);
/* The same in parts, between which others may run (change_rest). */
void harvest_tick_in_parts(struct group *group) SLEEPS REQUIRES(mm);

#endif
