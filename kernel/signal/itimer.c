/* kernel/signal/itimer.c - timers that end in a signal.
 *
 * Two kinds of time. Real time goes on by itself: such a timer waits in the kernel's list
 * (timer.c). Running time of a process or thread passes only while it runs; of one thread
 * it then passes as real time does, so when a thread of a process with such timers begins to
 * run, the hardware is asked for an interrupt when the nearest could run out, and there it is
 * looked whether it has.
 *
 * A process's timers cost that process. Running out is an interrupt in the time of
 * whoever runs, so it happens once for each time that the process did something for it,
 * in its own time: a timer with an interval that ran out waits until its signal is
 * taken, and only then is it reckoned how often it has run out since, and when it will
 * next. One whose signal is ignored, and will never be taken, waits until it is not.
 * What running time brings about is its owner's time anyway. And what is left of a
 * process's own time when each signal makes the next one due? So a timer whose interval
 * is shorter than SHORTEST is served only that often. */
#include "kernel/signal/itimer.h"

#include "kernel/process/process.h"
#include "mm/mm.h"

#define SHORTEST 100000ull /* ns */

static struct slab_cache itimer_cache = SLAB_CACHE("itimer", struct itimer);

uint64_t itimer_now(const struct itimer *itimer)
{
    switch (itimer->clock) {
    case ITIMER_REAL:
        return time_now();
    case ITIMER_THREAD:
        return itimer->thread ? thread_running_time(itimer->thread) : 0;
    case ITIMER_VIRTUAL:
        return process_spent(itimer->process).user;
    default:
        return process_running_time(itimer->process);
    }
}

/* --- Running out -------------------------------------------------------------------- */

static void itimer_send(const struct itimer *itimer, uint32_t overruns)
{
    struct signal_info info = {.signal = itimer->signal, .code = SI_KERNEL};
    if (itimer->id >= 0) {
        info.code = SI_TIMER;
        info.timed = true;
        info.sender = itimer->id;
        info.user = overruns;
        info.value = itimer->value;
    }
    if (!itimer->to_thread)
        signal_send_info(itimer->process, &info);
    else if (itimer->thread)
        signal_send_thread(itimer->thread, &info);
}

/* How often more it has run out by `now`. */
static uint64_t itimer_missed(const struct itimer *itimer, uint64_t now)
{
    return now > itimer->when ? (now - itimer->when) / itimer->interval : 0;
}

/* It has run out, and has an interval: the next time that is worth an interrupt. */
static void itimer_advance(struct itimer *itimer, uint64_t now)
{
    uint64_t soonest = itimer->interval < SHORTEST ? now + SHORTEST : now;
    uint64_t times = itimer_missed(itimer, soonest);
    itimer->skipped += times;
    if (__builtin_add_overflow(itimer->when, (times + 1) * itimer->interval, &itimer->when))
        itimer->when = UINT64_MAX;
}

/* What has been skipped, for whoever is told now. */
static uint32_t itimer_tell_skipped(struct itimer *itimer)
{
    uint64_t skipped = itimer->skipped;
    itimer->skipped = 0;
    return skipped < ITIMER_OVERRUN_MAX ? skipped : ITIMER_OVERRUN_MAX;
}

/* A clock of running time. */
static void itimer_fire(struct itimer *itimer, uint64_t now)
{
    if (itimer->interval) {
        itimer_advance(itimer, now);
    } else {
        itimer->when = 0;
        itimer->process->cpu_timers--;
    }
    itimer_send(itimer, itimer_tell_skipped(itimer));
}

static void itimer_ring(void *argument)
{
    struct itimer *itimer = argument;
    if (itimer->interval)
        itimer->waits = true;
    else
        itimer->when = 0;
    itimer_send(itimer, 0);
}

void itimer_go_on(struct process *process, uint64_t set)
{
    struct itimer *itimer = process->itimers;
    for (; itimer; itimer = itimer->next) {
        if (!itimer->waits || !(set & SIGNAL_BIT(itimer->signal)))
            continue;
        itimer->waits = false;
        itimer_advance(itimer, time_now());
        timer_set(&itimer->timer, itimer->when, itimer_ring, itimer);
    }
}

void itimer_delivered(struct process *process, struct signal_info *info)
{
    struct itimer *itimer = process->itimers;
    itimer_go_on(process, SIGNAL_BIT(info->signal));
    if (!info->timed)
        return;
    while (itimer && itimer->id != (int)info->sender)
        itimer = itimer->next;
    if (itimer) {
        info->user += itimer_tell_skipped(itimer);
        itimer->overruns = info->user;
    }
}

/* --- Setting ------------------------------------------------------------------------- */

void itimer_set(struct itimer *itimer, uint64_t when, uint64_t interval)
{
    bool real = itimer->clock == ITIMER_REAL;
    timer_cancel(&itimer->timer);
    if (!real && !itimer->silent)
        itimer->process->cpu_timers += (when != 0) - (itimer->when != 0);
    itimer->when = when;
    itimer->interval = interval;
    itimer->waits = false;
    itimer->skipped = 0;
    if (itimer->silent)
        return;
    if (when && real)
        timer_set(&itimer->timer, when, itimer_ring, itimer);
    else if (when)
        thread_set_work(current); /* on the way back to user mode, look and arm */
}

uint64_t itimer_left(const struct itimer *itimer)
{
    uint64_t now = itimer_now(itimer);
    if (!itimer->when || itimer->when > now)
        return itimer->when ? itimer->when - now : 0;
    if (!itimer->waits && !itimer->silent)
        return 1; /* its interrupt is on the way */
    return itimer->interval ? itimer->interval - (now - itimer->when) % itimer->interval
                            : 0;
}

/* --- Running time ---------------------------------------------------------------------- */

/* It counts while `thread` runs. */
static bool itimer_counts(const struct itimer *itimer, const struct thread *thread)
{
    return itimer->when && itimer->clock != ITIMER_REAL && !itimer->silent &&
           (itimer->clock != ITIMER_THREAD || itimer->thread == thread);
}

void itimer_arm(const struct thread *thread)
{
    uint64_t nearest = limit_running_left(thread);
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
    limit_running_check();
    itimer_arm(current);
}

/* --- Making, ending ---------------------------------------------------------------------- */

struct itimer *itimer_find(int id)
{
    struct itimer *itimer = process_current()->itimers;
    while (itimer && (itimer->id != id || itimer->untold))
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
    signals_queued += id >= 0;
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
    signals_queued -= itimer->id >= 0;
    slab_give(&itimer_cache, itimer);
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
