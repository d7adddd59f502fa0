/* itimer.c - timers that end in a signal.
 *
 * Two kinds of time. Real time goes on by itself: such a timer waits in the kernel's list
 * (timer.c). Running time of a process or thread passes only while it runs; on one processor
 * it then passes as real time does, so when a thread of a process with such timers begins to
 * run, the hardware is asked for an interrupt when the nearest could run out, and there it is
 * looked whether it has.
 *
 * A timer whose interval is shorter than SHORTEST is served only that often, and counts the
 * times in between as overruns: serving each would leave no time for anything else. */
#include "kernel/itimer.h"

#include "kernel/process.h"
#include "mm/slab.h"

#define SHORTEST 100000ull /* ns */

static struct slab_cache itimer_cache = SLAB_CACHE("itimer", struct itimer);

uint64_t itimer_now(const struct itimer *itimer)
{
    uint64_t user, kernel;
    switch (itimer->clock) {
    case ITIMER_REAL:
        return time_now();
    case ITIMER_THREAD:
        return itimer->thread ? itimer->thread->user_time + itimer->thread->kernel_time : 0;
    default:
        process_times(itimer->process, &user, &kernel);
        return itimer->clock == ITIMER_VIRTUAL ? user : user + kernel;
    }
}

/* --- Running out -------------------------------------------------------------------- */

static void itimer_send(const struct itimer *itimer, uint32_t overruns)
{
    struct signal_info info = {.signal = itimer->signal, .code = SIGNAL_FROM_KERNEL};
    if (itimer->id >= 0) {
        info.code = SIGNAL_FROM_TIMER;
        info.sender = itimer->id;
        info.user = overruns;
        info.value = itimer->value;
    }
    if (itimer->silent)
        return;
    if (!itimer->to_thread)
        signal_send_info(itimer->process, &info);
    else if (itimer->thread)
        signal_send_thread(itimer->thread, &info);
}

/* It ran out: when will it again? How many times are skipped. */
static uint32_t itimer_advance(struct itimer *itimer, uint64_t now)
{
    uint64_t next = itimer->when + itimer->interval, skipped = 0;
    if (!itimer->interval) {
        itimer->when = 0;
        return 0;
    }
    if (next < now + SHORTEST) {
        skipped = (now + SHORTEST - next) / itimer->interval;
        next += skipped * itimer->interval;
    }
    itimer->when = next;
    return skipped < ITIMER_OVERRUN_MAX ? skipped : ITIMER_OVERRUN_MAX;
}

static void itimer_fire(struct itimer *itimer, uint64_t now)
{
    uint32_t overruns = itimer_advance(itimer, now);
    if (!itimer->when && itimer->clock != ITIMER_REAL)
        itimer->process->cpu_timers--;
    itimer_send(itimer, overruns);
}

static void itimer_ring(void *argument)
{
    struct itimer *itimer = argument;
    itimer_fire(itimer, time_now());
    if (itimer->when)
        timer_set(&itimer->timer, itimer->when, itimer_ring, itimer);
}

/* --- Setting ------------------------------------------------------------------------- */

void itimer_set(struct itimer *itimer, uint64_t when, uint64_t interval)
{
    bool real = itimer->clock == ITIMER_REAL;
    timer_cancel(&itimer->timer);
    if (!real)
        itimer->process->cpu_timers += (when != 0) - (itimer->when != 0);
    itimer->when = when;
    itimer->interval = interval;
    if (when && real)
        timer_set(&itimer->timer, when, itimer_ring, itimer);
    else if (when)
        thread_set_work(current); /* on the way back to user mode, look and arm */
}

uint64_t itimer_left(const struct itimer *itimer)
{
    uint64_t now = itimer_now(itimer);
    if (!itimer->when)
        return 0;
    return itimer->when > now ? itimer->when - now : 1;
}

/* --- Running time ---------------------------------------------------------------------- */

/* It counts while `thread` runs. */
static bool itimer_counts(const struct itimer *itimer, const struct thread *thread)
{
    return itimer->when && itimer->clock != ITIMER_REAL &&
           (itimer->clock != ITIMER_THREAD || itimer->thread == thread);
}

void itimer_arm(const struct thread *thread)
{
    uint64_t nearest = limit_cpu_left(thread->process);
    const struct itimer *itimer = thread->process->itimers;
    for (; itimer; itimer = itimer->next)
        if (itimer_counts(itimer, thread) && itimer_left(itimer) < nearest)
            nearest = itimer_left(itimer);
    if (nearest != UINT64_MAX)
        timer_want(time_now() + nearest);
}

void itimer_check(void)
{
    struct itimer *itimer = process_current()->itimers;
    for (; itimer; itimer = itimer->next) {
        uint64_t now = itimer_now(itimer);
        if (itimer_counts(itimer, current) && now >= itimer->when)
            itimer_fire(itimer, now);
    }
    limit_cpu_check();
    itimer_arm(current);
}

/* --- Making, ending ---------------------------------------------------------------------- */

struct itimer *itimer_find(int id)
{
    struct itimer *itimer = process_current()->itimers;
    while (itimer && itimer->id != id)
        itimer = itimer->next;
    return itimer;
}

/* The list is in order of ids. */
struct itimer *itimer_create(int first)
{
    struct process *process = process_current();
    struct itimer **link = &process->itimers;
    int id = first;
    while (*link && (*link)->id <= id) {
        id += (*link)->id == id;
        link = &(*link)->next;
    }
    struct itimer *itimer = id < ITIMER_COUNT_MAX ? slab_take(&itimer_cache) : NULL;
    if (!itimer)
        return NULL;
    itimer->id = id;
    itimer->process = process;
    itimer->next = *link;
    *link = itimer;
    return itimer;
}

void itimer_delete(struct itimer *itimer)
{
    struct itimer **link = &itimer->process->itimers;
    itimer_set(itimer, 0, 0);
    while (*link != itimer)
        link = &(*link)->next;
    *link = itimer->next;
    slab_give(&itimer_cache, itimer);
}

void itimer_delivered(struct process *process, int id, uint32_t overruns)
{
    for (struct itimer *itimer = process->itimers; itimer; itimer = itimer->next)
        if (itimer->id == id)
            itimer->overruns = overruns;
}

void itimer_end(struct process *process, bool execs)
{
    struct itimer *itimer = process->itimers, *next;
    for (; itimer; itimer = next) {
        next = itimer->next;
        if (itimer->id >= 0 || !execs)
            itimer_delete(itimer);
    }
}

void itimer_end_thread(const struct process *process, const struct thread *thread)
{
    for (struct itimer *itimer = process->itimers; itimer; itimer = itimer->next)
        if (itimer->thread == thread)
            itimer->thread = NULL;
}
