/* mm/demand_paging/object_lock.h - an object whose pages may not go (SHM_LOCK). */
#ifndef MM_OBJECT_LOCK_H
#define MM_OBJECT_LOCK_H

#include "mm/demand_paging/object.h"

/* Is the frame's page of an object that is locked? Then its frame is wired now. */
bool object_keeps(frame_t frame) REQUIRES(mm);
/* An object's pages are wired, whoever maps them, as soon as a policy would have them go; and no
 * more. The lock is held. */
void object_lock(struct object *object, bool locked) REQUIRES(mm);

#endif
