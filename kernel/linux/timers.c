/* kernel/linux/timers.c - the calls about timers that end in a signal: alarm, setitimer,
 * timer_create. */
#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/process/process.h"
#include "kernel/signal/itimer.h"

/* --- setitimer ------------------------------------------------------------------------ */

struct interval {
    struct linux_timeval interval, value;
};

/* Made when it is first set. */
static struct itimer *classic(unsigned clock, bool make)
{
    static const int signals[ITIMER_CLASSIC] = {SIGALRM, SIGVTALRM, SIGPROF};
    int id = ITIMER_FIRST_ID + (int)clock;
    struct itimer *itimer = itimer_find(id);
    if (itimer || !make)
        return itimer;
    itimer = itimer_create(id);
    if (itimer) {
        itimer->clock = clock;
        itimer->signal = signals[clock];
    }
    return itimer;
}

static struct interval interval_of(const struct itimer *itimer)
{
    if (!itimer)
        return (struct interval){{0, 0}, {0, 0}};
    return (struct interval){timeval_of(itimer->interval), timeval_of(itimer_left(itimer))};
}

/* `ns` from now by the timer's clock; 0: never. */
static uint64_t when_after(const struct itimer *itimer, uint64_t ns)
{
    uint64_t now = itimer_now(itimer);
    if (!ns)
        return 0;
    return ns < (uint64_t)INT64_MAX - now ? now + ns : INT64_MAX;
}

SYSCALL(alarm, uint32_t seconds)
{
    struct itimer *itimer = classic(ITIMER_REAL, true);
    if (!itimer)
        return 0; /* nobody can be told that there is no memory */
    uint64_t left = itimer_left(itimer);
    itimer_set(itimer, when_after(itimer, seconds * NS_PER_SECOND), 0);
    return (left + NS_PER_SECOND - 1) / NS_PER_SECOND;
}

SYSCALL(getitimer, uint32_t which, uint64_t setting_at)
{
    if (which >= ITIMER_CLASSIC)
        return -EINVAL;
    account_kernel();
    struct interval now = interval_of(classic(which, false));
    return copy_to_user((void __user *)setting_at, &now, sizeof(now)) ? -EFAULT : 0;
}

SYSCALL(setitimer, uint32_t which, uint64_t setting_at, uint64_t old_at)
{
    uint64_t ns = 0, interval = 0;
    int error =
        setting_at ? timeval_read(setting_at + offsetof(struct interval, value), &ns) : 0;
    if (error == 0 && setting_at)
        error = timeval_read(setting_at, &interval);
    if (error < 0 || which >= ITIMER_CLASSIC)
        return error ? error : -EINVAL;
    account_kernel();
    struct itimer *itimer = classic(which, true);
    if (!itimer)
        return -ENOMEM;
    struct interval old = interval_of(itimer);
    itimer_set(itimer, when_after(itimer, ns), ns ? interval : 0);
    return old_at && copy_to_user((void __user *)old_at, &old, sizeof(old)) ? -EFAULT : 0;
}

/* --- timer_create ------------------------------------------------------------------------ */

struct linux_sigevent {
    uint64_t value;
    int32_t signal, notify, thread;
    int32_t padding[11];
};

enum { SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID = 4 };

/* What the clock with Linux's number counts, and of which thread. -EINVAL: there is none, or it is
 * another process's; -EOPNOTSUPP: no timers on it. */
static int clock_kind(int clock, enum itimer_clock *kind, struct thread **thread)
{
    uint64_t ns;
    int id = clock < 0 ? clock_id(clock) : 0;
    if (!clock_read(clock, &ns))
        return -EINVAL;
    *thread = current;
    if (clock == CLOCK_PROCESS_CPUTIME_ID || (clock < 0 && !(clock & CLOCK_OF_THREAD))) {
        *kind = ITIMER_PROF;
        return id == 0 || id == process_current()->id ? 0 : -EINVAL;
    }
    if (clock == CLOCK_THREAD_CPUTIME_ID || clock < 0) {
        *kind = ITIMER_THREAD;
        if (id)
            *thread = process_thread(process_current(), id);
        return 0;
    }
    *kind = ITIMER_REAL;
    return clock_wakes(clock) ? 0 : -EOPNOTSUPP;
}

static bool event_valid(const struct linux_sigevent *event)
{
    if (event->notify == SIGEV_NONE)
        return true;
    if (event->signal < 1 || event->signal > SIGNALS)
        return false;
    return event->notify == SIGEV_SIGNAL || event->notify == SIGEV_THREAD ||
           (event->notify == SIGEV_THREAD_ID &&
            process_thread(process_current(), event->thread));
}

SYSCALL(timer_create, int clock, uint64_t event_at, uint64_t id_at)
{
    struct linux_sigevent event = {.signal = SIGALRM, .notify = SIGEV_SIGNAL};
    enum itimer_clock kind;
    struct thread *thread;
    if (event_at &&
        copy_from_user(&event, (const void __user *)event_at, sizeof(event)) != 0)
        return -EFAULT;
    int error = clock_kind(clock, &kind, &thread);
    if (error || !event_valid(&event))
        return error ? error : -EINVAL;
    bool room = signal_queue_has_room(process_current());
    struct itimer *itimer = room ? itimer_create(0) : NULL;
    if (!itimer)
        return -EAGAIN;
    itimer->clock = kind;
    itimer->linux_clock = clock;
    itimer->signal = event.signal;
    itimer->silent = event.notify == SIGEV_NONE;
    itimer->value = event_at ? event.value : (uint64_t)itimer->id;
    itimer->to_thread = event.notify == SIGEV_THREAD_ID;
    if (itimer->to_thread)
        itimer->thread = process_thread(process_current(), event.thread);
    else if (kind == ITIMER_THREAD)
        itimer->thread = thread;
    int id = itimer->id;
    itimer->untold = true; /* nobody else guesses its id and ends it meanwhile */
    bool told = copy_to_user((void __user *)id_at, &id, sizeof(id)) == 0;
    itimer->untold = false;
    if (!told)
        itimer_delete(itimer);
    return told ? 0 : -EFAULT;
}

static struct itimer *timer_named(int id)
{
    return id < 0 ? NULL : itimer_find(id);
}

SYSCALL(timer_gettime, int id, uint64_t setting_at)
{
    account_kernel();
    const struct itimer *itimer = timer_named(id);
    if (!itimer)
        return -EINVAL;
    return itimerspec_write(setting_at, itimer_left(itimer), itimer->interval);
}

/* When a timer runs out that is set to `ns` by a clock of Linux's. */
static uint64_t when_at(const struct itimer *itimer, uint64_t ns)
{
    if ((itimer->linux_clock != CLOCK_REALTIME && itimer->linux_clock != CLOCK_TAI) || !ns)
        return ns;
    return deadline_at(ns);
}

SYSCALL(timer_settime, int id, uint32_t flags, uint64_t setting_at, uint64_t old_at)
{
    uint64_t ns, interval;
    int error = setting_at ? itimerspec_read(setting_at, &ns, &interval) : -EINVAL;
    if (error)
        return error;
    account_kernel();
    struct itimer *itimer = timer_named(id);
    if (!itimer)
        return -EINVAL;
    uint64_t left = itimer_left(itimer), before = itimer->interval;
    itimer->overruns = 0;
    itimer_set(itimer, flags & TIMER_ABSTIME ? when_at(itimer, ns) : when_after(itimer, ns),
               interval);
    return old_at ? itimerspec_write(old_at, left, before) : 0;
}

SYSCALL(timer_getoverrun, int id)
{
    const struct itimer *itimer = timer_named(id);
    return itimer ? (long)itimer->overruns : -EINVAL;
}

SYSCALL(timer_delete, int id)
{
    struct itimer *itimer = timer_named(id);
    if (!itimer)
        return -EINVAL;
    itimer_delete(itimer);
    return 0;
}
