/* arch/ticket_lock.h - a lock for which processors wait: first come, first served.
 *
 * Whoever wants it takes a number, and waits until it is served. For where several processors
 * run, with interrupts off (arch/kernel_lock.c). */
#ifndef ARCH_TICKET_LOCK_H
#define ARCH_TICKET_LOCK_H

#include "arch/types.h"

struct ticket_lock {
    uint32_t next, serving;
};

/* Returns since when it has waited, as the time-stamp counter has it; 0: it had it at once. */
uint64_t ticket_take(struct ticket_lock *lock);
void ticket_give(struct ticket_lock *lock);

/* For who reads the trace. Whoever has the lock PROCESSOR_LOCK_… now has waited since then. */
void lock_waited(unsigned which, uint64_t since);

#endif
