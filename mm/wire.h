/* mm/wire.h - pages that may not go: mlock. */
#ifndef MM_WIRE_H
#define MM_WIRE_H

#include "mm/frame.h"

struct object;
struct space;

enum wiring {
    UNWIRE,
    WIRE,          /* and bring in what is not there: may sleep */
    WIRE_ON_FAULT, /* what is there, and what comes when it is touched */
};

/* mlock, munlock: of what lies in [start, start + length), which must all be promised. 0,
 * -EINVAL, -ENOMEM (a hole, up to which it was done; or no memory for cutting regions), -EFAULT
 * (it is wired, but a page could not be had). */
int space_wire(struct space *space, uintptr_t start, size_t length, enum wiring wiring);
/* mlockall, munlockall: all that is promised now; pages that cannot be had are left out. 0,
 * -ENOMEM (a region could not be cut). */
int space_wire_all(struct space *space, enum wiring wiring);

/* An object's pages are wired, whoever maps them, as soon as a policy would have them go; and no
 * more. The lock is held. */
void object_lock(struct object *object, bool locked);
/* Is the frame's page of an object that is locked? Then its frame is wired now. */
bool object_keeps(frame_t frame);

/* Within mm/, the lock held: one more, one less entry wires the frame. The first takes it
 * out of its group's charge and its policy's hands, the last gives it back. */
void frame_wire(frame_t frame);
void frame_unwire(frame_t frame);

#endif
