/* kernel/linux/exec.c - the calls that put another program in the place of this one:
 * execve, execveat. */
#include "kernel/process/exec.h"

#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "lib/print.h"
#include "mm/mm.h"

static long exec_path(struct inode *base, uint64_t path, uint64_t arguments,
                      uint64_t environment)
{
    char *copy = heap_take(PATH_LENGTH_MAX);
    if (!copy)
        return -ENOMEM;
    long length = copy_string_from_user(copy, (const char __user *)path, PATH_LENGTH_MAX);
    if (length == 0)
        length = -ENOENT;
    long error = length < 0 ? length : process_exec(base, copy, arguments, environment);
    heap_give(copy, PATH_LENGTH_MAX);
    return error;
}

SYSCALL(execve, uint64_t path, uint64_t arguments, uint64_t environment)
{
    return exec_path(NULL, path, arguments, environment);
}

/* The program that is open as `fd`: what /proc calls it. */
static long exec_descriptor(int fd, uint64_t arguments, uint64_t environment)
{
    char path[32];
    format(path, sizeof(path), "/proc/self/fd/%d", fd);
    return process_exec(NULL, path, arguments, environment);
}

/* -ELOOP: the last name is a symbolic link. */
static long path_check_link(int fd, uint64_t path)
{
    struct inode *inode;
    long error = path_find_user(fd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &inode);
    if (error)
        return error;
    bool is_link = inode_type(inode) == S_IFLNK;
    inode_release(inode);
    return is_link ? -ELOOP : 0;
}

SYSCALL(execveat, int directory, uint64_t path, uint64_t arguments, uint64_t environment,
        uint32_t flags)
{
    char first;
    if (flags & ~(AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW))
        return -EINVAL;
    long link = flags & AT_SYMLINK_NOFOLLOW ? path_check_link(directory, path) : 0;
    if (link)
        return link;
    if (copy_from_user(&first, (const void __user *)path, 1) != 0)
        return -EFAULT;
    if (first == '/' || (directory == AT_FDCWD && first))
        return exec_path(NULL, path, arguments, environment);
    if (!first && !(flags & AT_EMPTY_PATH))
        return -ENOENT;
    struct inode *base = descriptor_inode(directory);
    if (!base)
        return -EBADF;
    long error = first ? exec_path(base, path, arguments, environment)
                       : exec_descriptor(directory, arguments, environment);
    inode_release(base);
    return error;
}
