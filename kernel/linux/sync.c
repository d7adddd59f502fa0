/* kernel/linux/sync.c - calls that promise what is so already: fsync and its kin,
 * fadvise, readahead. */
#include "kernel/linux/descriptors.h"

/* Nothing is read ahead, so advice changes nothing. */
SYSCALL(fadvise64, int fd, uint64_t offset, uint64_t length, uint32_t advice)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    bool fifo = inode_type(file->inode) == S_IFIFO;
    file_release(file);
    return fifo ? -ESPIPE : advice > 5 || (int64_t)length < 0 ? -EINVAL : 0;
}

/* Nor is what is asked for, before somebody reads it: the call promises nothing else. */
SYSCALL(readahead, int fd)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    long result = !file_may_read(file)                 ? -EBADF
                  : inode_type(file->inode) == S_IFREG ? 0
                                                       : -EINVAL;
    file_release(file);
    return result;
}

/* Files are in memory and nowhere else: they are as safe as they will ever be. What is no file at
 * all cannot be. */
static long descriptor_sync(int fd)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    const struct inode *inode = file->inode;
    bool kept = inode->seekable && inode->file_system != &file_system_proc &&
                inode_type(inode) != S_IFCHR;
    file_release(file);
    return kept ? 0 : -EINVAL;
}

SYSCALL(fsync, int fd)
{
    return descriptor_sync(fd);
}

SYSCALL(fdatasync, int fd)
{
    return descriptor_sync(fd);
}

SYSCALL(sync_file_range, int fd, uint64_t offset, uint64_t length, uint32_t flags)
{
    int64_t end;
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    bool kept = file->inode->seekable && inode_type(file->inode) != S_IFCHR;
    file_release(file);
    if ((flags & ~7ul) || (int64_t)offset < 0 ||
        __builtin_add_overflow((int64_t)offset, (int64_t)length, &end) ||
        end < (int64_t)offset)
        return -EINVAL;
    return kept ? 0 : -ESPIPE;
}

SYSCALL(syncfs, int fd)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    file_release(file);
    return 0;
}

SYSCALL(sync)
{
    return 0;
}
