/* kernel/linux/events.c - files that count: eventfd and timerfd. */
#include "kernel/file/unnamed.h"
#include "kernel/linux/descriptors.h"
#include "kernel/linux/time.h"

#define EFD_SEMAPHORE           1u
#define TFD_TIMER_CANCEL_ON_SET 2u /* the time of day is never set */

static long eventfd_call(uint32_t count, uint32_t flags)
{
    struct file *file;
    if (flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK))
        return -EINVAL;
    int error = eventfd_create(count, flags & EFD_SEMAPHORE, flags & O_NONBLOCK, &file);
    return error ? error : descriptor_add(file, 0, flags & O_CLOEXEC);
}

SYSCALL(eventfd, uint32_t count)
{
    return eventfd_call(count, 0);
}

SYSCALL(eventfd2, uint32_t count, uint32_t flags)
{
    return eventfd_call(count, flags);
}

SYSCALL(timerfd_create, int clock, uint32_t flags)
{
    struct file *file;
    if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) ||
        (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME))
        return -EINVAL;
    int error = timerfd_create(clock == CLOCK_REALTIME, flags & O_NONBLOCK, &file);
    return error ? error : descriptor_add(file, 0, flags & O_CLOEXEC);
}

/* When that is, as time_now; INT64_MAX at most. */
static uint64_t when_of(const struct file *file, uint64_t ns, bool absolute)
{
    if (ns == 0 || (absolute && !timerfd_is_real(file)))
        return ns;
    uint64_t when = absolute ? deadline_at(ns) : deadline_after(ns);
    return when < INT64_MAX ? when : INT64_MAX;
}

/* The timer with that number, with a reference. -EBADF, -EINVAL: it is none. */
static int timerfd_hold(int fd, struct file **timer)
{
    return descriptor_hold_kind(fd, file_is_timerfd, -EINVAL, timer);
}

SYSCALL(timerfd_settime, int fd, uint32_t flags, uint64_t setting_at, uint64_t old_at)
{
    struct file *timer;
    uint64_t ns, interval, before;
    int error = itimerspec_read(setting_at, &ns, &interval);
    if (!error && (flags & ~(TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)))
        error = -EINVAL;
    if (!error)
        error = timerfd_hold(fd, &timer);
    if (error)
        return error;
    uint64_t left = timerfd_left(timer, &before);
    timerfd_set(timer, when_of(timer, ns, flags & TIMER_ABSTIME), interval);
    file_release(timer);
    return old_at ? itimerspec_write(old_at, left, before) : 0;
}

SYSCALL(timerfd_gettime, int fd, uint64_t setting_at)
{
    struct file *timer;
    int error = timerfd_hold(fd, &timer);
    if (error)
        return error;
    uint64_t interval, left = timerfd_left(timer, &interval);
    file_release(timer);
    return itimerspec_write(setting_at, left, interval);
}
