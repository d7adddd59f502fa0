/* mm/demand_paging/object_punch.h - holes in objects, and where they are. */
#ifndef MM_OBJECT_PUNCH_H
#define MM_OBJECT_PUNCH_H

#include "mm/demand_paging/object.h"

struct object;

/* The object's bytes [start, end) become zeroes; whole pages give their frames and slots
 * back, and go out of every space. May sleep. 0, -EIO, -ENOMEM, -EINTR. */
MUST_USE int object_punch(struct object *object, uint64_t start, uint64_t end) SLEEPS
    EXCLUDES(mm);
/* Private copies of its pages from `index` on go as well; the lock is held. */
void object_forget_copies(struct object *object, uint32_t index) SLEEPS REQUIRES(mm);

/* The first index from `index` on where the object has contents, or (`contents` false) has none,
 * within its size; else the first behind it. */
uint64_t object_find_contents(const struct object *object, uint64_t index, bool contents)
    EXCLUDES(mm);

#endif
