/* mm/reference_tracing/reference_string.h - what a group's programs referred to, in order.
 *
 * The string of references is what replacement algorithms are compared by, and what a working set
 * is defined over. A group has one once it has been in exact mode: a ring of the latest. */
#ifndef MM_REFERENCE_STRING_H
#define MM_REFERENCE_STRING_H

#include "mm/frame_allocation/frame_allocation.h"

struct reference {
    uintptr_t address; /* of the page */
    uint32_t space;    /* id of the space */
    uint32_t access;   /* ACCESS_WRITE: written; else _EXECUTE: fetched; else _READ */
};

/* So many are kept, the latest; those before are lost. */
#define REFERENCE_STRING_MAX 16384u

/* The references are numbered from 0; the number of the next to come, and of the first that
 * is still kept: as many are lost. */
uint64_t reference_string_next(const struct group *group) REQUIRES(mm);
uint64_t reference_string_first(const struct group *group) REQUIRES(mm);
/* One of them. False: lost, or not there yet. */
bool reference_string_get(const struct group *group, uint64_t number,
                          struct reference *reference) REQUIRES(mm);

extern uint64_t reference_string_total; /* all groups', since the kernel's start */

/* The string begins anew. False: no memory. */
bool reference_string_begin(const struct group *group) EXCLUDES(mm);
/* The group ends: its string goes. */
void reference_string_end(const struct group *group) EXCLUDES(mm);
/* Returns its number. */
uint64_t reference_string_add(const struct group *group, const struct space *space,
                              uintptr_t address, unsigned access) REQUIRES(mm);
/* The instruction whose reference `number` to the page was has written there, as turns out. */
void reference_string_written(const struct group *group, uint64_t number, uintptr_t address)
    REQUIRES(mm);

#endif
