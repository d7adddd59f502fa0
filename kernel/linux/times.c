/* kernel/linux/times.c - setting a file's times: utimensat and its elders. */
#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "kernel/linux/time.h"

#define UTIME_NOW  0x3fffffff /* in the place of nanoseconds */
#define UTIME_OMIT 0x3ffffffe

/* Apply times as utimensat gives them: accessed, modified. What is before 1970 is told as 1970, as
 * by file systems that know of nothing earlier. */
static long inode_set_times(struct inode *inode, const struct linux_timespec times[2])
{
    uint64_t *field[2] = {&inode->accessed, &inode->modified};

    for (int i = 0; i < 2; i++) {
        int64_t ns = times[i].nanoseconds;
        if (ns != UTIME_NOW && ns != UTIME_OMIT && (uint64_t)ns >= NS_PER_SECOND)
            return -EINVAL;
    }
    if (inode_may_change(inode))
        return -EROFS;
    for (int i = 0; i < 2; i++) {
        if (times[i].nanoseconds == UTIME_NOW)
            *field[i] = clock_real();
        else if (times[i].nanoseconds != UTIME_OMIT)
            *field[i] = times[i].seconds < 0
                            ? 0
                            : ns_limited(times[i].seconds, times[i].nanoseconds);
    }
    inode->changed = clock_real();
    return 0;
}

/* path 0: the descriptor itself. */
static long times_set(int fd, uint64_t path, unsigned flags,
                      const struct linux_timespec times[2])
{
    struct inode *inode;
    long error;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    if (!path && fd != AT_FDCWD) {
        if (flags)
            return -EINVAL;
        struct file *file = descriptor_hold(fd);
        if (!file)
            return -EBADF;
        error = inode_set_times(file->inode, times);
        file_release(file);
        return error;
    }
    error = path_find_user(fd, path, flags, &inode);
    if (error)
        return error;
    error = inode_set_times(inode, times);
    inode_release(inode);
    return error;
}

static const struct linux_timespec times_now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};

SYSCALL(utimensat, int directory, uint64_t path, uint64_t times_at, uint32_t flags)
{
    struct linux_timespec times[2];

    if (!times_at)
        return times_set(directory, path, flags, times_now);
    if (copy_from_user(times, (const void __user *)times_at, sizeof(times)))
        return -EFAULT;
    if (times[0].nanoseconds == UTIME_OMIT && times[1].nanoseconds == UTIME_OMIT)
        return 0; /* the rest is not even looked at */
    return times_set(directory, path, flags, times);
}

static long times_set_us(int fd, uint64_t path, uint64_t times_at)
{
    struct linux_timeval given[2];
    struct linux_timespec times[2];

    if (!times_at)
        return times_set(fd, path, 0, times_now);
    if (copy_from_user(given, (const void __user *)times_at, sizeof(given)))
        return -EFAULT;
    for (int i = 0; i < 2; i++) {
        if ((uint64_t)given[i].microseconds >= 1000000)
            return -EINVAL;
        times[i] = (struct linux_timespec){given[i].seconds, given[i].microseconds * 1000};
    }
    return times_set(fd, path, 0, times);
}

SYSCALL(utimes, uint64_t path, uint64_t times_at)
{
    return times_set_us(AT_FDCWD, path, times_at);
}

SYSCALL(futimesat, int directory, uint64_t path, uint64_t times_at)
{
    return times_set_us(directory, path, times_at);
}

SYSCALL(utime, uint64_t path, uint64_t times_at)
{
    int64_t given[2];

    if (!times_at)
        return times_set(AT_FDCWD, path, 0, times_now);
    if (copy_from_user(given, (const void __user *)times_at, sizeof(given)))
        return -EFAULT;
    struct linux_timespec times[2] = {{given[0], 0}, {given[1], 0}};
    return times_set(AT_FDCWD, path, 0, times);
}
