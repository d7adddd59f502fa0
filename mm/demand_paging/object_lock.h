/* mm/demand_paging/object_lock.h - an object whose pages may not go (SHM_LOCK). */
#ifndef MM_OBJECT_LOCK_H
#define MM_OBJECT_LOCK_H

#include "mm/demand_paging/object.h"

/* Is the frame's page of an object that is locked? Then its frame is wired now. */
bool object_keeps(frame_t frame) REQUIRES(mm);
/* From now on an object's pages are wired as soon as a policy would have them go, whoever maps
 * them; or from now on they are not. */
void object_lock(struct object *object, bool locked) REQUIRES(mm);

#endif
