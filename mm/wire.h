/* mm/wire.h - pages that may not go: mlock. */
#ifndef MM_WIRE_H
#define MM_WIRE_H

#include "mm/frame.h"

struct space;

/* mlock, munlock: wire or unwire what lies in [start, start + length), which must all be
 * promised, and what will be touched there. Wiring brings the pages in: may sleep. 0,
 * -EINVAL, -ENOMEM (a hole, or no memory to be had). */
int space_wire(struct space *space, uintptr_t start, size_t length, bool wire);
/* mlockall, munlockall: all that is promised now. */
int space_wire_all(struct space *space, bool wire);

/* The same for what is there, and what comes when it is touched: brings nothing in. */
int space_wire_on_fault(struct space *space);

/* Within mm/, the lock held: one more, one less entry wires the frame. The first takes it
 * out of its group's charge and its policy's hands, the last gives it back. */
void frame_wire(frame_t frame);
void frame_unwire(frame_t frame);

#endif
