/* mm/reference_tracing/reference_tracing.h - strings of references.
 *
 * Exact mode: every reference of a group's programs traps and is written down, in its order, which the
 * accessed bit cannot tell (exact.h). It attaches to a group as a policy does.
 *
 * May use: all rooms above but working_sets/. */
#ifndef MM_REFERENCE_TRACING_ROOM_H
#define MM_REFERENCE_TRACING_ROOM_H

#include "mm/reference_tracing/exact.h"

#endif
