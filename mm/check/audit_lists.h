/* mm/check/audit_lists.h - within the audit: how it tells what is broken, and its part on lists. */
#ifndef MM_AUDIT_LISTS_H
#define MM_AUDIT_LISTS_H

#include "mm/above.h"
#include "mm/frame_allocation/frame_allocation.h"

extern unsigned audit_broken;

/* Unless it holds, the invariant of that number is broken: that counts, and the first are told. */
#define CHECK(invariant, holds, ...)                                              \
    do {                                                                          \
        if (!(holds) && ++audit_broken <= 20)                                     \
            above_message("audit: invariant " invariant " broken: " __VA_ARGS__); \
    } while (0)

/* Frames on all free lists, and ready for processors: how many. */
uint32_t audit_free_lists(void) REQUIRES(mm);
/* The group's list has all its frames, and no other. */
void audit_group_list(const struct group *group) REQUIRES(mm);

#endif
