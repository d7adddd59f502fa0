/* arch/kernel_lock.h - who is in the kernel, where there are several processors. See
 * arch/kernel_lock.c for the idea. With one processor nobody takes these locks. */
#ifndef ARCH_KERNEL_LOCK_H
#define ARCH_KERNEL_LOCK_H

#include "arch/processor.h"

/* For tests: how the processors take turns, as a number. 0: in the shortest way. */
extern uint64_t interleave_seed;
/* Where another processor might come in between: under emulation, perhaps it does. */
void schedule_point(void);

static inline uint32_t mode_of(const struct processor *other)
{
    return __atomic_load_n(&other->mode, __ATOMIC_ACQUIRE);
}

/* Does it use translations of user addresses? */
static inline bool mode_uses_memory(uint32_t mode)
{
    return mode == PROCESSOR_USER || mode == PROCESSOR_COPY;
}

/* From the entries, which several_processors switches on (arch/entry.asm, arch/idle.asm): from
 * user mode or idling into the kernel. Waits for the kernel's lock, and returns with it. */
void processor_enter(void);
/* By a fault of user code: into the kernel, without that lock. */
void processor_fault(void);
/* Such a fault needs more than memory: it takes the kernel's lock, if it does not have it. The mm
 * lock is not held. */
void processor_join(void);
/* Has this processor the kernel's lock? */
static inline bool processor_joined(void)
{
    return this_processor->mode != PROCESSOR_FAULT;
}
/* To user mode: the lock is free. Interrupts stay off. */
void processor_leave(void);
/* To HLT, likewise. */
void processor_rest(void);
/* A copy from or to user memory begins, and ends. */
void processor_copy(void);
void processor_copied(void);

/* So often all others have entered the kernel. */
uint64_t processor_others_entries(void);
/* In the middle of something long, where a sleep would be allowed: does anybody wait for the lock?
 * Then they have it first. */
bool processor_wanted(void);
void processor_pass(void);
/* They never run again: the kernel ends. */
void processors_halt(void);

/* Interrupt a processor, if it runs user code or idles: it looks at its return work, or at who
 * waits for a turn. */
void processor_poke(struct processor *other);

#endif
