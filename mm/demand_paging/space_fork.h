/* mm/demand_paging/space_fork.h -
 * fork: a child that shares all pages until somebody writes (copy-on-write). */
#ifndef MM_SPACE_FORK_H
#define MM_SPACE_FORK_H

#include "mm/lock.h"

struct space;

/* fork: a copy whose pages are all shared with the parent, copy-on-write, by making the
 * entries of private pages read-only on both sides. NULL: out of memory. */
MUST_USE struct space *space_fork(struct space *parent) SLEEPS EXCLUDES(mm);

#endif
