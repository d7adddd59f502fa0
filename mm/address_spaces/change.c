/* mm/address_spaces/change.c - long changes of a space, in pieces.  See change.h for the idea. */
#include "mm/address_spaces/change.h"

#include "mm/above.h"
#include "mm/demand_paging/demand_paging.h"

#define FAULTS_AT_ONCE 16u

/* --- Who waits ------------------------------------------------------------------------------- */

/* Its number. */
static uint32_t round_join(struct space *space)
{
    space->waiting++;
    return space->round + 1;
}

/* All of the last have been served: now those who have come since, if any. */
static void round_begin(struct space *space)
{
    space->round++;
    space->served = space->waiting;
    space->waiting = 0;
    space->serving = space->served > 0;
    if (space->serving)
        above_wake(&space->round);
}

/* One who need not wait any more: the last of its round lets the next one in. */
static void round_leave(struct space *space, uint32_t round)
{
    if (round != space->round)
        space->waiting--;
    else if (--space->served == 0)
        round_begin(space);
}

void change_await(struct space *space)
{
    uint32_t round = round_join(space);
    while (space->changing || round != space->round)
        above_sleep(&space->round);
    round_leave(space, round);
}

bool change_await_killable(struct space *space)
{
    uint32_t round = round_join(space);
    bool alive = true;
    while (alive && space->changing)
        alive = above_sleep_killable(&space->round);
    round_leave(space, round);
    return alive;
}

void change_over(struct space *space)
{
    space->changing = false;
    if (space->serving)
        above_wake(&space->round);
    else
        round_begin(space);
}

/* --- Pauses ---------------------------------------------------------------------------------- */

unsigned change_work;

/* Others run, if they should. Interrupts come in, too, and may look at the space. */
static bool others_run(struct space *space) REQUIRES(mm)
{
    bool before = space->changing;
    space->changing = true;
    bool over = change_rest();
    space->changing = before || over;
    return over;
}

bool change_pause_now(struct space *space, struct flush *flush)
{
    change_work = 0;
    if (flush != NULL)
        flush_end(flush);
    bool paused = others_run(space);
    if (flush != NULL)
        flush_begin(flush, &space->table);
    return paused;
}

bool change_rest_at(uintptr_t address)
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
