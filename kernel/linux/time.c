/* kernel/linux/time.c - clocks and sleeping.
 *
 * Most looks at a clock never come here: programs read it themselves (kernel/vdso/vdso.h). */
#include "kernel/linux/time.h"

#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/process/process.h"

#define TICKS_PER_SECOND 100 /* of times(2): USER_HZ */

static bool process_clock(const struct process *process, uint64_t *ns)
{
    account_kernel();
    if (process)
        *ns = process_running_time(process);
    return process;
}

static bool thread_clock(const struct thread *thread, uint64_t *ns)
{
    account_kernel();
    if (thread)
        *ns = thread_running_time(thread);
    return thread;
}

static bool clock_read_foreign(int clock, uint64_t *ns)
{
    enum { SCHEDULED = 2 };
    int id = clock_id(clock);
    if ((clock & 3) > SCHEDULED)
        return false;
    if (clock & CLOCK_OF_THREAD)
        return thread_clock(id ? process_thread(process_current(), id) : current, ns);
    return process_clock(id ? process_find(id) : process_current(), ns);
}

static bool clock_read_other(int clock, uint64_t *ns)
{
    switch (clock) {
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *ns = account_time();
        return true;
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI: /* nobody has told of leap seconds */
        *ns = clock_real();
        return true;
    case CLOCK_PROCESS_CPUTIME_ID:
        return process_clock(process_current(), ns);
    case CLOCK_THREAD_CPUTIME_ID:
        return thread_clock(current, ns);
    default:
        return clock < 0 && clock_read_foreign(clock, ns);
    }
}

/* The time at which the kernel was entered will do: it is a few instructions ago. The clock
 * that nearly everybody asks for comes first. false: no such clock. */
bool clock_read(int clock, uint64_t *ns)
{
    *ns = account_time();
    return clock == CLOCK_MONOTONIC || clock_read_other(clock, ns);
}

bool clock_wakes(int clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME ||
           clock == CLOCK_TAI;
}

long timespec_write(uint64_t address, uint64_t ns)
{
    struct linux_timespec time = timespec_of(ns);
    return copy_to_user((void __user *)address, &time, sizeof(time)) ? -EFAULT : 0;
}

uint64_t ns_limited(uint64_t seconds, uint64_t ns)
{
    if (seconds >= INT64_MAX / NS_PER_SECOND)
        return INT64_MAX;
    return seconds * NS_PER_SECOND + ns;
}

int timespec_read(uint64_t address, uint64_t *ns)
{
    struct linux_timespec time;
    if (copy_from_user(&time, (const void __user *)address, sizeof(time)) != 0)
        return -EFAULT;
    if (time.seconds < 0 || (uint64_t)time.nanoseconds >= NS_PER_SECOND)
        return -EINVAL;
    *ns = ns_limited(time.seconds, time.nanoseconds);
    return 0;
}

int timeval_read(uint64_t address, uint64_t *ns)
{
    struct linux_timeval time;
    if (copy_from_user(&time, (const void __user *)address, sizeof(time)) != 0)
        return -EFAULT;
    if (time.seconds < 0 || (uint64_t)time.microseconds >= 1000000)
        return -EINVAL;
    *ns = ns_limited(time.seconds, time.microseconds * 1000);
    return 0;
}

int itimerspec_read(uint64_t address, uint64_t *ns, uint64_t *interval)
{
    int error = timespec_read(address + sizeof(struct linux_timespec), ns);
    return error ? error : timespec_read(address, interval);
}

long itimerspec_write(uint64_t address, uint64_t ns, uint64_t interval)
{
    struct linux_timespec told[] = {timespec_of(interval), timespec_of(ns)};
    return copy_to_user((void __user *)address, told, sizeof(told)) ? -EFAULT : 0;
}

uint64_t deadline_at(uint64_t ns)
{
    uint64_t start = clock_real() - time_now();
    return ns > start ? ns - start : 1;
}

uint64_t deadline_after(uint64_t ns)
{
    uint64_t now = time_now();
    return ns < (uint64_t)INT64_MAX - now ? now + ns : UINT64_MAX;
}

SYSCALL(clock_gettime, int clock, uint64_t time_at)
{
    uint64_t ns;
    return clock_read(clock, &ns) ? timespec_write(time_at, ns) : -EINVAL;
}

SYSCALL(clock_getres, int clock, uint64_t resolution_at)
{
    uint64_t ns;
    if (!clock_read(clock, &ns))
        return -EINVAL;
    return resolution_at ? timespec_write(resolution_at, 1) : 0;
}

SYSCALL(clock_settime, int clock, uint64_t time_at)
{
    uint64_t ns;
    if (clock != CLOCK_REALTIME)
        return -EINVAL;
    int error = timespec_read(time_at, &ns);
    return error ? error : -EPERM; /* time is the machine's */
}

/* How the time of day is kept exact: by nobody, the machine's clock is what it is. */
struct timex {
    uint32_t modes; /* what to change */
    int64_t offset, frequency, most_error, error;
    int32_t status;
    int64_t constant, precision, tolerance; /* us; 2^-16 of a millionth */
    struct linux_timeval time;
    int64_t tick; /* us, of 100 a second */
    int64_t unused[14];
};
_Static_assert(sizeof(struct timex) == 208, "as Linux lays it out");

static long timex_call(uint64_t address)
{
    enum { STA_UNSYNC = 0x40, TIME_ERROR = 5 };
    struct timex timex;
    if (copy_from_user(&timex, (const void __user *)address, sizeof(timex)) != 0)
        return -EFAULT;
    if (timex.modes)
        return -EPERM; /* time is the machine's */
    timex = (struct timex){.status = STA_UNSYNC,
                           .most_error = 16000000,
                           .error = 16000000,
                           .precision = 1,
                           .tolerance = 500 << 16,
                           .time = timeval_of(clock_real()),
                           .tick = 10000};
    return copy_to_user((void __user *)address, &timex, sizeof(timex)) ? -EFAULT
                                                                       : TIME_ERROR;
}

SYSCALL(adjtimex, uint64_t timex_at)
{
    return timex_call(timex_at);
}

SYSCALL(clock_adjtime, int clock, uint64_t timex_at)
{
    return clock == CLOCK_REALTIME ? timex_call(timex_at) : -EINVAL;
}

SYSCALL(gettimeofday, uint64_t time_at, uint64_t zone_at)
{
    struct linux_timeval time = timeval_of(clock_real());
    const uint64_t zone = 0;
    if (time_at && copy_to_user((void __user *)time_at, &time, sizeof(time)) != 0)
        return -EFAULT;
    if (zone_at && copy_to_user((void __user *)zone_at, &zone, sizeof(zone)) != 0)
        return -EFAULT;
    return 0;
}

SYSCALL(time, uint64_t time_at)
{
    int64_t now = clock_real() / NS_PER_SECOND;
    if (time_at && copy_to_user((void __user *)time_at, &now, sizeof(now)) != 0)
        return -EFAULT;
    return now;
}

uint64_t deadline_keep(uint64_t deadline)
{
    uint64_t kept = current->sleep_until;
    current->sleep_until = 0;
    return kept ? kept : deadline;
}

long deadline_remember(long result, uint64_t deadline)
{
    if (result == -EINTR && deadline != UINT64_MAX)
        current->sleep_until = deadline;
    return result;
}

/* Sleep until `deadline`; interrupted, what is left goes to `rest` (0: nowhere). */
static long sleep_until(uint64_t deadline, uint64_t rest)
{
    deadline = deadline_keep(deadline);
    int reason = thread_sleep(&current->sleep_until, SLEEP_INTERRUPTIBLE, deadline);
    if (reason != -EINTR)
        return 0;
    uint64_t now = time_now();
    if (rest && timespec_write(rest, deadline > now ? deadline - now : 0) < 0)
        return -EFAULT;
    return deadline_remember(-EINTR, deadline);
}

SYSCALL(nanosleep, uint64_t request_at, uint64_t rest_at)
{
    uint64_t ns;
    int error = timespec_read(request_at, &ns);
    return error < 0 ? error : sleep_until(deadline_after(ns), rest_at);
}

SYSCALL(clock_nanosleep, int clock, uint32_t flags, uint64_t request_at, uint64_t rest_at)
{
    uint64_t ns, now;
    if (!clock_read(clock, &now))
        return -EINVAL;
    if (!clock_wakes(clock)) /* nor by running time: a thread that sleeps has none */
        return clock < 0 && (clock & CLOCK_OF_THREAD) ? -EINVAL : -EOPNOTSUPP;
    int error = timespec_read(request_at, &ns);
    if (error < 0)
        return error;
    if (!(flags & TIMER_ABSTIME))
        return sleep_until(deadline_after(ns), rest_at);
    return sleep_until(deadline_after(ns > now ? ns - now : 0), 0);
}

SYSCALL(times, uint64_t buffer)
{
    const uint64_t tick = NS_PER_SECOND / TICKS_PER_SECOND;
    const struct process *process = process_current();
    struct spent own = process_spent(process);
    uint64_t spent[4] = {own.user / tick, own.kernel / tick, process->children.user / tick,
                         process->children.kernel / tick};
    if (buffer && copy_to_user((void __user *)buffer, spent, sizeof(spent)) != 0)
        return -EFAULT;
    return time_now() / tick;
}
