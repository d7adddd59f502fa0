/* mm/demand_paging/space_copy.h - bytes of a space that need not be loaded. */
#ifndef MM_SPACE_COPY_H
#define MM_SPACE_COPY_H

#include "mm/demand_paging/fault.h"

/* Copy `length` bytes within one page of a space that need not be loaded: out of it, or with
 * ACCESS_WRITE into it; ACCESS_FORCED. 0, -EFAULT, -EINTR (the caller is being ended). May
 * sleep. */
MUST_USE int space_copy(struct space *space, uintptr_t address, void *bytes, size_t length,
                        unsigned access) SLEEPS EXCLUDES(mm);

#endif
