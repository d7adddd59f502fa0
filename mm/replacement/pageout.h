/* mm/replacement/pageout.h - the paging daemon, and waiting for it. */
#ifndef MM_PAGEOUT_H
#define MM_PAGEOUT_H

#include "mm/frames/frames.h"

/* The daemon's body, for a kernel thread of its own; never returns. */
_Noreturn void pageoutd(void) SLEEPS;

/* There are objects to bury (object.h): have it do that when it has nothing else to do. */
void pageout_wake_to_bury(void) REQUIRES(mm);

/* A frame was wanted for `group` and there is none, or its limit is reached. Makes room: at the
 * limit by evicting a page of the group here and now, else by waiting for the daemon, in the
 * last resort for the end of a process. The lock may have been let go of meanwhile: look
 * everything up again. False: the caller itself is being ended. */
MUST_USE bool pageout_wait(uint16_t group) SLEEPS REQUIRES(mm);

/* The same by eviction alone, here and now: false when nothing can go. */
bool pageout_evict(uint16_t group) SLEEPS REQUIRES(mm);
/* pageout_wait until `count` frames are free at once, beyond the reserve. False, too: there will
 * never be so many. */
MUST_USE bool pageout_reserve(uint32_t count) SLEEPS REQUIRES(mm);

/* The same, but nobody is ended for it: false when nothing can go any more. For calls that can
 * be refused: fork. */
bool pageout_reserve_gently(uint32_t count) SLEEPS REQUIRES(mm);

/* The same by eviction alone, here and now, in the middle of changing a space. The caller waits
 * for devices only, since the process that would have to end for memory may be waiting for the
 * caller. */
bool pageout_reserve_by_eviction(uint32_t count) SLEEPS REQUIRES(mm);

/* Are so many free at once, beyond the reserve? */
static inline bool memory_is_there(uint32_t count)
{
    return frame_counts.free >= frame_watermarks.reserve + count;
}

/* pageout_reserve without the lock: before the kernel takes so many frames for itself, when it
 * cannot wait any more. Returns at once while memory is plenty; else it sleeps. */
static inline bool pageout_await(uint32_t count) SLEEPS
{
    if (memory_is_there(count))
        return true;
    mm_lock();
    bool there = pageout_reserve(count);
    mm_unlock();
    return there;
}

static inline MUST_USE bool pageout_await_gently(uint32_t count) SLEEPS
{
    if (memory_is_there(count))
        return true;
    mm_lock();
    bool there = pageout_reserve_gently(count);
    mm_unlock();
    return there;
}

/* Frames that are kept for objects and threads to come go back to the list. How many. */
uint32_t pageout_shrink(void) REQUIRES(mm);

/* Of evict_counts, what the daemon did. */
extern struct pageout_counts {
    uint64_t wakeups, scanned, freed;
} pageout_counts;

#endif
