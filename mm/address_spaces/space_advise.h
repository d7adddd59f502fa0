/* mm/address_spaces/space_advise.h - what a program may say about memory it has
 * (madvise), and holes in objects. */
#ifndef MM_SPACE_ADVISE_H
#define MM_SPACE_ADVISE_H

#include "mm/address_spaces/space.h"

/* All ranges are whole pages; all return -ENOMEM when a part is not promised (what lies
 * around it was seen to). */

enum region_advice {
    FORK_COPY,
    FORK_LEAVE_OUT,
    FORK_WIPE,
    FORK_KEEP,
    DUMP,
    DUMP_LEAVE_OUT
};
/* What fork, or a core, does with the range: leave it out or not; give the child zeroes or not
 * (-EINVAL where memory is not private, or of a file). */
int space_advise_regions(struct space *space, uintptr_t start, size_t length,
                         enum region_advice advice) SLEEPS EXCLUDES(mm);
/* MADV_FREE: the contents may go whenever the frames are wanted, without being written
 * anywhere; whoever writes first has them back. -EINVAL: not private, or of a file. */
int space_advise_free(struct space *space, uintptr_t start, size_t length) SLEEPS
    EXCLUDES(mm);
/* MADV_WILLNEED: bring in what has contents somewhere, while there are frames to spare. May
 * sleep. */
int space_advise_need(struct space *space, uintptr_t start, size_t length) SLEEPS;
/* MADV_POPULATE_READ, _WRITE: fault in all of it. -EINVAL: the access is not granted; -EFAULT:
 * there is nothing (SIGBUS). May sleep. */
int space_advise_populate(struct space *space, uintptr_t start, size_t length,
                          bool write) SLEEPS;

#endif
