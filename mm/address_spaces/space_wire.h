/* mm/address_spaces/space_wire.h - pages that may not go: mlock. */
#ifndef MM_SPACE_WIRE_H
#define MM_SPACE_WIRE_H

#include "mm/address_spaces/space.h"
#include "mm/frames/frames.h"

enum wiring {
    UNWIRE,
    WIRE,          /* and bring in what is not there: may sleep */
    WIRE_ON_FAULT, /* what is there, and what comes when it is touched */
};

/* mlock, munlock: of what lies in [start, start + length), which must all be promised. 0,
 * -EINVAL (it wraps), -ENOMEM (a hole, up to which it was done; or no memory for cutting
 * regions), -EFAULT (it is wired, but a page could not be had). */
MUST_USE int space_wire(struct space *space, uintptr_t start, size_t length,
                        enum wiring wiring) SLEEPS;
/* mlockall, munlockall: all that is promised now; pages that cannot be had are left out. May
 * sleep. */
void space_wire_all(struct space *space, enum wiring wiring) SLEEPS;

/* Is any part of the range wired? */
bool space_range_wired(struct space *space, uintptr_t start, size_t length);

/* How are regions to come wired (mlockall)? */
static inline void space_wire_future(struct space *space, enum wiring wiring)
{
    space->wire_future = wiring;
}

/* And shall their pages be brought in at once? */
static inline bool space_wires_at_once(const struct space *space)
{
    return space->wire_future == WIRE;
}

#endif
