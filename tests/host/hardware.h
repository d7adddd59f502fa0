/* tests/host/hardware.h - what the kernel's own arch/ keeps to itself.  See hardware.c. */
#ifndef HOST_HARDWARE_H
#define HOST_HARDWARE_H

#include "arch/processor.h"

/* Does it say that it has forgotten all that it was ever asked to? */
bool hardware_up_to_date(const struct processor *processor);

/* The running processor has taken the kernel's lock: is that in order? */
void hardware_entered(void);

#endif
