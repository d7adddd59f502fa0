/* mm/address_spaces/space_remap.h - mremap: a region becomes longer or shorter, or
 * moves, its pages with it. */
#ifndef MM_SPACE_REMAP_H
#define MM_SPACE_REMAP_H

#include "mm/address_spaces/space.h"

enum remap_flags {
    MREMAP_MAYMOVE = 1,
    MREMAP_FIXED = 2,     /* to `place` exactly, replacing what is there */
    MREMAP_DONTUNMAP = 4, /* the old addresses stay promised, and empty */
};

struct remap_request {
    uintptr_t start;
    size_t length; /* bytes, whole pages, from `start`; 0: another view of shared memory */
    size_t new_length; /* bytes, whole pages, not 0 */
    unsigned flags;
    uintptr_t place; /* where FIXED, and a wish with DONT_UNMAP */
};

/* mremap. The new address, or -EFAULT (no region, or not all in one; with FIXED, and as long as
 * before, it may be in several), -EPERM (too low), -EINVAL, -ENOMEM (no room, no memory; nothing
 * has been changed, except that FIXED may have unmapped what was at `place`, or moved regions
 * before the one that cannot). Copies no page. May sleep. */
MUST_USE intptr_t space_remap(struct space *space, struct remap_request request) SLEEPS
    EXCLUDES(mm);

#endif
