/* mm/reference_tracing/reference_tracing.h - strings of references.
 *
 * In exact mode every reference of a group's programs traps (exact.h) and is written down, in its
 * order (reference_string.h), which the accessed bit cannot tell. It attaches itself to a group by
 * hooks (mm/frame_allocation/group_hooks.h): nothing outside this room names what is in exact.h.
 *
 * May use: all rooms that stand before it in mm/mm.h. */
#ifndef MM_REFERENCE_TRACING_ROOM_H
#define MM_REFERENCE_TRACING_ROOM_H

#include "mm/reference_tracing/reference_string.h"

/* Exact mode on or off. On: the string begins anew, and all entries of the group's spaces
 * are taken back. Off: recording stops, the string stays readable, and the resident pages
 * have their entries again. 0; -ENOMEM: no memory for the string. */
int reference_tracing_set(struct group *group, bool on) EXCLUDES(mm);

#endif
