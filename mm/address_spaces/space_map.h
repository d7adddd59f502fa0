/* mm/address_spaces/space_map.h -
 * map, unmap, protect and brk: what is promised, and with which rights. */
#ifndef MM_SPACE_MAP_H
#define MM_SPACE_MAP_H

#include "mm/address_spaces/region.h"
#include "mm/address_spaces/space.h"

/* munmap, within a change (change.h): 0 or -ENOMEM, nothing changed. Pauses. */
int space_unmap_locked(struct space *space, uintptr_t start, uintptr_t end) SLEEPS
    REQUIRES(mm);
/* mmap: promise memory. The address, or -EINVAL, -ENOMEM, -EEXIST. Touches no page. */
MUST_USE intptr_t space_map(struct space *space, const struct map_request *request) SLEEPS
    EXCLUDES(mm);
/* munmap: [start, start + length) is promised no more. 0, -EINVAL, -ENOMEM (a region would
 * have to be split and there is no memory; nothing has been changed). */
MUST_USE int space_unmap(struct space *space, uintptr_t start, size_t length) SLEEPS
    EXCLUDES(mm);
/* mprotect, of whole pages from `start` on. 0, -ENOMEM (not all of it is promised, or more may not
 * be), -EACCES (beyond access_max); what lies before that place has been changed. Private pages
 * that are locked come with the right to write: so it may sleep. */
MUST_USE int space_protect(struct space *space, uintptr_t start, size_t length,
                           unsigned access) SLEEPS EXCLUDES(mm);
/* Where the heap ended when a call's change began, and ends with it. */
struct heap_ends {
    uintptr_t before, now;
};

/* brk: move the heap's end; unchanged if it cannot be moved. */
struct heap_ends space_heap(struct space *space, uintptr_t end) SLEEPS EXCLUDES(mm);

#endif
