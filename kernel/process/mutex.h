/* kernel/process/mutex.h - a lock that may be held while its owner sleeps.
 *
 * The kernel is not preempted, so what it changes without sleeping needs no lock. But a copy to
 * or from user memory may fault, and so sleep: state that must not change meanwhile, or that
 * nobody is to see half changed, belongs to whoever has its mutex. Waiters get it in the order
 * in which they came: it is handed to the first of them, so that nobody slips in before.
 *
 * The order of locks is in mm/lock.h. The fault path takes no mutex, so user memory may be
 * touched with one held. */
#ifndef KERNEL_PROCESS_MUTEX_H
#define KERNEL_PROCESS_MUTEX_H

#include "kernel/process/current.h"
#include "lib/errno.h"
#include "lib/locks.h"
#include "lib/panic.h"

/* All zeroes: free. */
struct mutex {
    const struct thread *owner; /* NULL: free */
    uint32_t waiters;
} CAPABILITY("mutex");

/* The slow halves of the two below. */
int mutex_wait(struct mutex *mutex) SLEEPS;
void mutex_hand_over(struct mutex *mutex);

static inline bool mutex_is_mine(const struct mutex *mutex)
{
    return mutex->owner == current;
}

/* Take it; sleeps. -EINTR: the caller is being killed, and does not have it (whoever has it may
 * be waiting for the caller's memory). */
static inline MUST_USE int mutex_lock(struct mutex *mutex)
    TRY_ACQUIRES(0, *mutex) SLEEPS NO_ANALYSIS
{
    if (mutex->owner)
        return mutex_wait(mutex);
    mutex->owner = current;
    return 0;
}

static inline void mutex_unlock(struct mutex *mutex) RELEASES(*mutex) NO_ANALYSIS
{
    ASSERT(mutex_is_mine(mutex));
    mutex->owner = NULL;
    if (mutex->waiters)
        mutex_hand_over(mutex);
}

/* --- Locks that are held from one of a file's functions to another -------------------------
 *
 * Or not, by what the file is. The proof does not follow these. */

static inline MUST_USE int mutex_take(struct mutex *mutex) SLEEPS NO_ANALYSIS
{
    return mutex_lock(mutex);
}

/* If it can be had at once: 0, else -EAGAIN. */
static inline MUST_USE int mutex_take_now(struct mutex *mutex)
{
    if (mutex->owner)
        return -EAGAIN;
    mutex->owner = current;
    return 0;
}

static inline void mutex_leave(struct mutex *mutex) NO_ANALYSIS
{
    mutex_unlock(mutex);
}

#endif
