/* arch/timer.h - the timer's own side of its interrupt. */
#ifndef ARCH_TIMER_H
#define ARCH_TIMER_H

#include "arch/types.h"

/* The LAPIC timer has run out. True if the deadline has come; false if the timer could not
 * count that far, and has been set for the rest. */
bool timer_expired(void);

#endif
