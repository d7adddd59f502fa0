/* mm/address_spaces/change.h - long changes of a space, in pieces.
 *
 * To unmap, protect, move or copy a gibibyte takes a quarter of a million entries, and nobody
 * else should have to wait for the last of them. So such a change pauses between two tables:
 * where the running thread's time is over, others run. What they find is half changed. So a
 * space that has been left like that is *changing*, and whoever faults in it, or wants to change
 * it too, waits until that is over; evicting its pages needs nobody's leave, as at any sleep.
 * A change that comes to its end without a pause costs nothing of all this.
 *
 * In the middle of a change nobody waits for a frame, but for what devices write: a frame may take
 * somebody's end, and whoever has to end may be waiting for the change.
 *
 *     change_begin    the lock is taken; nobody else is changing the space
 *     change_pause    between two pieces: regions stay as they are, entries may have been evicted
 *     change_end      whoever waited is served
 *
 * A thread that makes one change after the other would be at its next before those whom it has
 * woken get the processor. So they are served in rounds: those that wait when a change ends
 * have what they waited for, all of them, before a later one begins another change. Those that
 * come meanwhile are of the next round. However many changes others want, everyone waits for
 * two rounds at most. */
#ifndef MM_CHANGE_H
#define MM_CHANGE_H

#include "mm/address_spaces/space.h"
#include "mm/frames/frames.h"
#include "mm/page_tables/page_tables.h"

/* Entries in use. An entry takes at most 300 instructions; so nobody waits for 100,000. */
#define WORK_MOST 344u /* between two looks at the clock */
#define WORK_AT_ONCE \
    (WORK_MOST - STRETCH_MOST - TABLE_WORK) /* after which it is looked at */
#define WORK_OF_REGION 4u                   /* as that of so many entries */

/* May a change not begin now? Another is not over, or others are to be served before. */
static inline bool change_must_wait(const struct space *space)
{
    return space->changing || space->serving;
}

/* Sleep until it is the caller's turn to change the space. The caller begins the change before
 * it sleeps again. */
void change_await(struct space *space) SLEEPS REQUIRES(mm);
/* For a caller that changes nothing: sleep until nobody is in the middle of a change. False:
 * the caller is being ended. */
bool change_await_killable(struct space *space) SLEEPS REQUIRES(mm);
/* Those who wait are served. */
void change_over(struct space *space) REQUIRES(mm);

/* The same where the lock is held already, and may be let go of. */
static inline void change_begin_locked(struct space *space) SLEEPS REQUIRES(mm)
{
    if (__builtin_expect(change_must_wait(space), false))
        change_await(space);
}

static inline void change_begin(struct space *space) SLEEPS ACQUIRES(mm)
{
    mm_lock();
    change_begin_locked(space);
}

static inline void change_end(struct space *space) RELEASES(mm)
{
    if (__builtin_expect(space->changing, false))
        change_over(space);
    mm_unlock();
}

/* A piece has been done, of so many entries. If others should run now, they do: true. `flush`, if
 * there is one, is ended for that, and begun again. */
extern unsigned change_work;
bool change_pause_now(struct space *space, struct flush *flush) SLEEPS REQUIRES(mm);

static inline bool change_pause(struct space *space, struct flush *flush,
                                unsigned work) SLEEPS REQUIRES(mm)
{
    change_work += work;
    return change_work >= WORK_AT_ONCE && change_pause_now(space, flush);
}

/* A stretch has been done. At the walk's end its caller pauses, if that makes sense there. */
static inline bool change_pause_stretch(struct space *space, struct flush *flush,
                                        const struct position *at) SLEEPS REQUIRES(mm)
{
    if (!position_is_last(at))
        return change_pause(space, flush, at->work);
    change_work += at->work;
    return false;
}

/* The same in the middle of something long that is no change of a space: true if others have
 * run. The lock is let go of meanwhile. */
bool change_rest(void) SLEEPS REQUIRES(mm);

/* The same in a loop of faults, the lock not held: every few pages. False: the caller is being
 * ended. */
bool change_rest_at(uintptr_t address) SLEEPS EXCLUDES(mm);

#endif
