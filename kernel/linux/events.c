/* kernel/linux/events.c - files that count: eventfd and timerfd. */
#include "arch/user.h"
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

struct linux_itimerspec {
    struct linux_timespec interval, value;
};

static bool ns_of(const struct linux_timespec *time, uint64_t *ns)
{
    if (time->seconds < 0 || (uint64_t)time->nanoseconds >= NS_PER_SECOND)
        return false;
    *ns = (uint64_t)time->seconds >= INT64_MAX / NS_PER_SECOND
              ? INT64_MAX
              : time->seconds * NS_PER_SECOND + time->nanoseconds;
    return true;
}

static struct linux_itimerspec setting_of(const struct file *file)
{
    uint64_t interval, left = timerfd_left(file, &interval);
    return (struct linux_itimerspec){
        {interval / NS_PER_SECOND, interval % NS_PER_SECOND},
        {left / NS_PER_SECOND, left % NS_PER_SECOND},
    };
}

/* When that is, as time_now. */
static uint64_t when_of(const struct file *file, uint64_t ns, bool absolute)
{
    uint64_t now = time_now(), start = clock_real() - now;
    if (ns == 0)
        return 0;
    if (!absolute)
        return ns < (uint64_t)INT64_MAX - now ? now + ns : INT64_MAX;
    if (!timerfd_is_real(file))
        return ns;
    return ns > start ? ns - start : 1;
}

static long timerfd_settime_held(struct file *file, uint64_t flags,
                                 const struct linux_itimerspec *next, uint64_t old)
{
    uint64_t ns, interval;
    if (!ns_of(&next->value, &ns) || !ns_of(&next->interval, &interval) ||
        (flags & ~(uint64_t)(TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)))
        return -EINVAL;
    struct linux_itimerspec before = setting_of(file);
    timerfd_set(file, when_of(file, ns, flags & TIMER_ABSTIME), interval);
    return old && copy_to_user((void __user *)old, &before, sizeof(before)) ? -EFAULT : 0;
}

SYSCALL(timerfd_settime, int fd, uint32_t flags, uint64_t setting_at, uint64_t old_at)
{
    struct linux_itimerspec next;
    if (copy_from_user(&next, (const void __user *)setting_at, sizeof(next)))
        return -EFAULT;
    struct file *file = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    long result =
        file_is_timerfd(file) ? timerfd_settime_held(file, flags, &next, old_at) : -EINVAL;
    file_release(file);
    return result;
}

SYSCALL(timerfd_gettime, int fd, uint64_t setting_at)
{
    struct linux_itimerspec now;
    struct file *file = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    bool counts = file_is_timerfd(file);
    if (counts)
        now = setting_of(file);
    file_release(file);
    if (!counts)
        return -EINVAL;
    return copy_to_user((void __user *)setting_at, &now, sizeof(now)) ? -EFAULT : 0;
}
