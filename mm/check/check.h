/* mm/check/check.h - what must always be so.
 *
 * The audit works out every count and list of mm/ anew, from the page tables alone (audit.h).
 * The dump tells the trace all that is there (dump.h).
 *
 * May use: all rooms. */
#ifndef MM_CHECK_ROOM_H
#define MM_CHECK_ROOM_H

#include "mm/check/audit.h"
#include "mm/check/dump.h"

#endif
