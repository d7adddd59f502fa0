/* time.c - clocks and sleeping.
 *
 * There is no vDSO here, so every look at a clock is a call. */
#include "kernel/linux/time.h"

#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/process.h"

enum {
    CLOCK_REALTIME,
    CLOCK_MONOTONIC,
    CLOCK_PROCESS_CPUTIME,
    CLOCK_THREAD_CPUTIME,
    CLOCK_MONOTONIC_RAW,
    CLOCK_REALTIME_COARSE,
    CLOCK_MONOTONIC_COARSE,
    CLOCK_BOOTTIME,
};
#define TIMER_ABSOLUTE   1
#define TICKS_PER_SECOND 100 /* of times(2): USER_HZ */

uint64_t time_of_day(void)
{
    static uint64_t boot_ns;
    if (!boot_ns)
        boot_ns = rtc_boot_seconds() * NS_PER_SECOND;
    return boot_ns + time_now();
}

static uint64_t process_cpu_time(void)
{
    uint64_t user, kernel;
    account_kernel();
    process_times(process_current(), &user, &kernel);
    return user + kernel;
}

static bool clock_read_other(uint64_t clock, uint64_t *ns)
{
    switch (clock) {
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *ns = cpu_times_mark;
        return true;
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        *ns = time_of_day();
        return true;
    case CLOCK_PROCESS_CPUTIME:
    case CLOCK_THREAD_CPUTIME:
        *ns = process_cpu_time();
        return true;
    default:
        return false;
    }
}

/* The time at which the kernel was entered will do: it is a few instructions ago. The clock
 * that nearly everybody asks for comes first. false: no such clock. */
static bool clock_read(uint64_t clock, uint64_t *ns)
{
    *ns = cpu_times_mark;
    return clock == CLOCK_MONOTONIC || clock_read_other(clock, ns);
}

static long timespec_write(uint64_t address, uint64_t ns)
{
    struct timespec time = {ns / NS_PER_SECOND, ns % NS_PER_SECOND};
    return copy_to_user((void __user *)address, &time, sizeof(time)) ? -EFAULT : 0;
}

static uint64_t ns_limited(uint64_t seconds, uint64_t ns)
{
    if (seconds >= INT64_MAX / NS_PER_SECOND)
        return INT64_MAX;
    return seconds * NS_PER_SECOND + ns;
}

int timespec_read(uint64_t address, uint64_t *ns)
{
    struct timespec time;
    if (copy_from_user(&time, (const void __user *)address, sizeof(time)) != 0)
        return -EFAULT;
    if (time.seconds < 0 || (uint64_t)time.nanoseconds >= NS_PER_SECOND)
        return -EINVAL;
    *ns = ns_limited(time.seconds, time.nanoseconds);
    return 0;
}

int timeval_read(uint64_t address, uint64_t *ns)
{
    struct timeval time;
    if (copy_from_user(&time, (const void __user *)address, sizeof(time)) != 0)
        return -EFAULT;
    if (time.seconds < 0 || (uint64_t)time.microseconds >= 1000000)
        return -EINVAL;
    *ns = ns_limited(time.seconds, time.microseconds * 1000);
    return 0;
}

uint64_t deadline_after(uint64_t ns)
{
    uint64_t now = time_now();
    return ns < (uint64_t)INT64_MAX - now ? now + ns : UINT64_MAX;
}

SYSCALL(clock_gettime)
{
    uint64_t ns;
    return clock_read(a, &ns) ? timespec_write(b, ns) : -EINVAL;
}

SYSCALL(clock_getres)
{
    uint64_t ns;
    if (!clock_read(a, &ns))
        return -EINVAL;
    return b ? timespec_write(b, 1) : 0;
}

SYSCALL(clock_settime)
{
    return -EPERM;
}

SYSCALL(gettimeofday)
{
    struct timeval time = timeval_of(time_of_day());
    const uint64_t zone = 0;
    if (a && copy_to_user((void __user *)a, &time, sizeof(time)) != 0)
        return -EFAULT;
    if (b && copy_to_user((void __user *)b, &zone, sizeof(zone)) != 0)
        return -EFAULT;
    return 0;
}

SYSCALL(time)
{
    int64_t now = time_of_day() / NS_PER_SECOND;
    if (a && copy_to_user((void __user *)a, &now, sizeof(now)) != 0)
        return -EFAULT;
    return now;
}

/* Sleep until `deadline`; interrupted, what is left goes to `rest` (0: nowhere). A sleep
 * that is begun again after a stop keeps the end it had. */
static long sleep_until(uint64_t deadline, uint64_t rest)
{
    if (current->sleep_until) {
        deadline = current->sleep_until;
        current->sleep_until = 0;
    }
    int reason = thread_sleep(&current->sleep_until, SLEEP_INTERRUPTIBLE, deadline);
    if (reason != -EINTR)
        return 0;
    uint64_t now = time_now();
    if (rest && timespec_write(rest, deadline > now ? deadline - now : 0) < 0)
        return -EFAULT;
    current->sleep_until = deadline;
    return -EINTR;
}

SYSCALL(nanosleep)
{
    uint64_t ns;
    int error = timespec_read(a, &ns);
    return error < 0 ? error : sleep_until(deadline_after(ns), b);
}

SYSCALL(clock_nanosleep)
{
    uint64_t ns, now;
    if (!clock_read(a, &now) || a == CLOCK_THREAD_CPUTIME)
        return -EINVAL;
    int error = timespec_read(c, &ns);
    if (error < 0)
        return error;
    if (!(b & TIMER_ABSOLUTE))
        return sleep_until(deadline_after(ns), d);
    return sleep_until(deadline_after(ns > now ? ns - now : 0), 0);
}

SYSCALL(times)
{
    const uint64_t tick = NS_PER_SECOND / TICKS_PER_SECOND;
    const struct process *process = process_current();
    uint64_t user, kernel;
    process_times(process, &user, &kernel);
    uint64_t spent[4] = {user / tick, kernel / tick, process->children_user / tick,
                         process->children_kernel / tick};
    if (a && copy_to_user((void __user *)a, spent, sizeof(spent)) != 0)
        return -EFAULT;
    return time_now() / tick;
}

/* --- The alarm clock: setitimer(ITIMER_REAL) ---------------------------------------- */

struct interval {
    struct timeval interval, value;
};

static void alarm_ring(void *argument)
{
    struct process *process = argument;
    signal_send(process, SIGALRM, SIGNAL_FROM_KERNEL, 0);
    if (process->alarm_interval)
        timer_set(&process->alarm, deadline_after(process->alarm_interval), alarm_ring,
                  process);
}

static uint64_t alarm_left(const struct process *process)
{
    uint64_t now = time_now();
    if (!process->alarm.set)
        return 0;
    return process->alarm.when > now ? process->alarm.when - now : 1;
}

static void alarm_set(uint64_t ns, uint64_t interval)
{
    struct process *process = process_current();
    timer_cancel(&process->alarm);
    process->alarm_interval = interval;
    if (ns)
        timer_set(&process->alarm, deadline_after(ns), alarm_ring, process);
}

SYSCALL(alarm)
{
    uint64_t left = alarm_left(process_current());
    alarm_set((uint32_t)a * NS_PER_SECOND, 0);
    return (left + NS_PER_SECOND - 1) / NS_PER_SECOND;
}

static struct interval interval_now(void)
{
    const struct process *process = process_current();
    return (struct interval){timeval_of(process->alarm_interval),
                             timeval_of(alarm_left(process))};
}

SYSCALL(getitimer)
{
    if (a > 2)
        return -EINVAL;
    struct interval now = {0};
    if (a == 0)
        now = interval_now();
    return copy_to_user((void __user *)b, &now, sizeof(now)) ? -EFAULT : 0;
}

SYSCALL(setitimer)
{
    uint64_t ns = 0, interval = 0;
    if (a > 2)
        return -EINVAL;
    if (a != 0)
        return syscall_missing("setitimer of CPU time");
    int error = b ? timeval_read(b + offsetof(struct interval, value), &ns) : 0;
    if (error == 0 && b)
        error = timeval_read(b, &interval);
    if (error < 0)
        return error;
    struct interval old = interval_now();
    alarm_set(ns, interval);
    return c && copy_to_user((void __user *)c, &old, sizeof(old)) ? -EFAULT : 0;
}
