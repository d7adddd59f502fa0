/* mm/lock.h - one lock for all of memory management, and the order of locks.
 *
 * The order, outermost first:
 *     1. mutexes of the kernel's (kernel/process/mutex.h), never taken inside mm/:
 *          a file's position; of two files', first that at the lower address
 *          what one call at a time works on: an inode's contents, a pipe's ring, a watch's
 *          text, a terminal's input, or its output
 *     2. the mm lock, which guards the queues of the disks, too
 *     3. spinlocks (kernel/process/spinlock.h), for what interrupts change: the futexes', the
 *        scheduler's, the timers', in this order
 * User memory is never touched with the mm lock held: the copy may fault, and the fault
 * takes the lock.
 *
 * One processor at a time is in the kernel (arch/shootdown.c), and the kernel is not
 * preempted, so the lock never makes anybody wait, and takes one instruction each way. It
 * states the rule above, and that every sleep inside mm/ lets go of it; the compiler checks
 * both (lib/locks.h). It is the place where finer locks go. */
#ifndef MM_LOCK_H
#define MM_LOCK_H

#include "arch/types.h"
#include "lib/locks.h"
#include "lib/panic.h"

struct mm_lock {
    bool held; /* asserted in debug builds only; the debugger asks, too */
} CAPABILITY("lock");

extern struct mm_lock mm;

static inline void mm_lock(void) ACQUIRES(mm) NO_ANALYSIS
{
    ASSERT(!DEBUG_BUILD || !mm.held);
    mm.held = true;
}

static inline void mm_unlock(void) RELEASES(mm) NO_ANALYSIS
{
    ASSERT(!DEBUG_BUILD || mm.held);
    mm.held = false;
}

static inline void mm_assert_locked(void) REQUIRES(mm)
{
    ASSERT(!DEBUG_BUILD || mm.held);
}

#endif
