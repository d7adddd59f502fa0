/* mm/more/change.c - long changes of a space, in pieces.  See mm/change.h for the idea. */
#include "mm/change.h"

#include "mm/above.h"
#include "mm/fault.h"

#define FAULTS_AT_ONCE 16u

void change_await(struct space *space)
{
    while (space->changing) {
        space->awaited = true;
        above_sleep(&space->changing);
    }
}

bool change_await_killable(struct space *space)
{
    space->awaited = true;
    return above_sleep_killable(&space->changing);
}

void change_over(struct space *space)
{
    space->changing = false;
    if (space->awaited)
        above_wake(&space->changing);
    space->awaited = false;
}

unsigned change_work;

bool change_pause_now(struct space *space, struct flush *flush)
{
    change_work = 0;
    bool before = space->changing;
    space->changing = true; /* interrupts come in there, and may look at it */
    if (!above_turn_over()) {
        space->changing = before;
        return false;
    }
    if (flush != NULL)
        flush_end(flush);
    above_pass();
    if (flush != NULL)
        flush_begin(flush, space);
    return true;
}

bool fault_rest(uintptr_t address)
{
    if (address % (FAULTS_AT_ONCE * PAGE_SIZE) != 0)
        return true;
    mm_lock();
    change_rest();
    mm_unlock();
    return !above_dying();
}

bool change_rest(void)
{
    bool over = above_turn_over();
    if (over)
        above_pass();
    return over;
}
