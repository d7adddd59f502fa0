/* mm/check/dump.h - all there is, told to the trace. */
#ifndef MM_DUMP_H
#define MM_DUMP_H

#include "mm/lock.h"
#include "mm/trace.h"

/* Every space, frame, page and entry, as the arrays and tables have them now
 * (dump.c). Takes the lock. */
void dump_state(void) EXCLUDES(mm);

#endif
