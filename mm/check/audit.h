/* mm/check/audit.h - every invariant, worked out anew. */
#ifndef MM_AUDIT_H
#define MM_AUDIT_H

#include "mm/lock.h"

/* Recompute every invariant of the two arrays from the page tables alone (audit.c).
 * Returns how many are broken; each is told through above_message. */
unsigned audit(void) EXCLUDES(mm);

#endif
