/* kernel/trap.h - what page faults (trap.c) and other exceptions (exception.c) have in common. */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#include "arch/trap.h"

struct space;

/* Under audit: DF would turn the kernel's copies round, AC open user memory to it. Panics. */
void trap_audit_flags(void);

/* A fault, or an interrupt, with these registers: pages pinned for another instruction may
 * go (fault_pins.h). */
void trap_begin_pins(const struct space *space, const struct trap_frame *frame);

/* For the signal that the current thread will get: the processor's vector and error code, and the
 * address that faulted. */
void trap_remember(const struct trap_frame *frame, uintptr_t address);

#endif
