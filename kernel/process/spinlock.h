/* kernel/process/spinlock.h - a lock that is never held across a sleep, for what interrupts
 * change, too.
 *
 * Who runs, who sleeps and until when, what waits for a device: threads change these lists, and
 * so do interrupts. Nothing is needed to keep them apart: one processor at a time is in the kernel
 * (arch/shootdown.c), with interrupts off, and lets them in at three places only, in user mode and
 * in two functions that are called with no such lock held (cpu_idle, cpu_poll_interrupts). So
 * these two operations take no instruction. They name what each list is guarded by, and the
 * compiler checks that nobody reaches it otherwise (lib/locks.h); a debug build looks as well.
 * Were several processors in the kernel at once, this would be the place to spin.
 *
 * They are the innermost locks, and mm/lock.h has their order. */
#ifndef KERNEL_PROCESS_SPINLOCK_H
#define KERNEL_PROCESS_SPINLOCK_H

#include "arch/cpu.h"
#include "lib/locks.h"
#include "lib/panic.h"

struct spinlock {
    bool held; /* in debug builds only */
} CAPABILITY("lock");

static inline void spin_lock(struct spinlock *lock) ACQUIRES(*lock) NO_ANALYSIS
{
    if (!DEBUG_BUILD)
        return;
    ASSERT(!lock->held && !(cpu_flags() & RFLAGS_IF));
    lock->held = true;
}

static inline void spin_unlock(struct spinlock *lock) RELEASES(*lock) NO_ANALYSIS
{
    if (!DEBUG_BUILD)
        return;
    ASSERT(lock->held);
    lock->held = false;
}

#endif
