/* arch/entry.h - between C and entry.asm, and nobody else's. */
#ifndef ARCH_ENTRY_H
#define ARCH_ENTRY_H

#include "arch/trap.h"

extern uint64_t timer_entry_tsc; /* set by boot.asm */

void trap_exception(struct trap_frame *frame);
_Noreturn void trap_fatal(struct trap_frame *frame);
void trap_debug_in_kernel(struct trap_frame *frame);
void trap_interrupt(struct trap_frame *frame);

#endif
