/* mm/address_spaces/space_pages.h -
 * forget contents, look, touch beforehand: calls that promise nothing. */
#ifndef MM_SPACE_PAGES_H
#define MM_SPACE_PAGES_H

#include "mm/address_spaces/space.h"

/* madvise(MADV_DONTNEED): forget private contents of whole pages; the next touch finds zeroes or
 * the object again. 0, -EINVAL (locked memory, if not `wired_too`; what lies before it was
 * forgotten), -ENOMEM (a hole; what lies around it was forgotten). */
MUST_USE int space_discard(struct space *space, uintptr_t start, size_t length,
                           bool wired_too) SLEEPS EXCLUDES(mm);
/* mincore for one page: 1 resident, 0 not, -ENOMEM not promised. */
int space_page_resident(struct space *space, uintptr_t address) EXCLUDES(mm);
/* What user code was granted at an address, as it was asked for; -ENOMEM: not promised. Who looks
 * from outside asks this first: for them no stack grows, and writing does not grant reading. */
int space_granted(struct space *space, uintptr_t address) EXCLUDES(mm);
/* MAP_POPULATE: fault the pages in. Stops at the first that cannot be had: -EFAULT. May
 * sleep. */
int space_populate(struct space *space, uintptr_t start, size_t length) SLEEPS EXCLUDES(mm);

#endif
