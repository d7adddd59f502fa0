/* mm/reference_tracing/reference_tracing.h - strings of references.
 *
 * In exact mode every reference of a group's programs traps and is written down, in its order,
 * which the accessed bit cannot tell (exact.h).
 *
 * May use: all rooms that stand before it in mm/mm.h. */
#ifndef MM_REFERENCE_TRACING_ROOM_H
#define MM_REFERENCE_TRACING_ROOM_H

#include "mm/reference_tracing/exact.h"

#endif
