/* tests/host/judge.h - is it just that a process ends for want of memory?
 *
 * Only when nothing of what it is short of can go: neither for nothing, nor to a slot. And
 * only the one that holds most. Both are worked out here again, from the tables and frames
 * alone, whenever mm/ decides it (the linker puts this before oom_relieve). */
#ifndef HOST_JUDGE_H
#define HOST_JUDGE_H

#include "mm/frames/frame.h"

struct space;

/* Frames, slots and tables of a space. */
uint64_t judge_held(struct space *space);
/* A frame of the group (OOM_ANYBODY: of any) that could be freed; FRAME_NONE: none. */
frame_t judge_evictable(uint16_t group);

/* How often somebody was ended though a frame of the group was pinned (by an instruction, or
 * by the kernel reading a file), which would have come free some time. */
extern uint64_t judge_pinned;

#endif
