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
 * The kernel is not preempted, and but for page faults one processor at a time is in it
 * (arch/kernel_lock.c). So with one processor the lock never makes anybody wait, and takes one
 * instruction each way. It states the rule above, and that every sleep inside mm/ lets go of it;
 * the compiler checks both (lib/locks.h). With several it keeps the faults apart from each other,
 * and from whoever has the kernel's lock. */
#ifndef MM_LOCK_H
#define MM_LOCK_H

#include "arch/detour.h"
#include "arch/kernel_lock.h"
#include "lib/locks.h"
#include "lib/panic.h"

struct mm_lock {
    bool held; /* asserted in debug builds only */
} CAPABILITY("lock");

extern struct mm_lock mm;

static inline void mm_lock(void) ACQUIRES(mm) NO_ANALYSIS
{
    ASSERT(!DEBUG_BUILD || !mm.held || several_processors());
    STORE_OR_CALL(mm, held, 1, mm_take_several);
}

static inline void mm_unlock(void) RELEASES(mm) NO_ANALYSIS
{
    ASSERT(!DEBUG_BUILD || mm.held);
    STORE_OR_CALL(mm, held, 0, mm_give_several);
}

/* Do several processors run, so that others wait for the lock, too? */
static inline bool mm_is_shared(void)
{
    return several_processors();
}

/* With several processors a page fault comes without the kernel's lock, and may do what needs no
 * more than memory: not sleep, nor wake anybody, nor call anything of above.h. Is it so? */
static inline bool mm_alone(void) REQUIRES(mm)
{
    return mm_is_shared() && !processor_joined();
}
/* From here on it may do all that. The mm lock was let go of meanwhile. */
static inline void mm_join(void) REQUIRES(mm)
{
    mm_unlock();
    processor_join();
    mm_lock();
}

static inline void mm_assert_locked(void) REQUIRES(mm)
{
    ASSERT(!DEBUG_BUILD || mm.held);
}

#endif
