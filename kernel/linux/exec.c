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

SYSCALL(execve, path, arguments, environment)
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

SYSCALL(execveat, directory, path, arguments, environment, flags)
{
    char first;
    if (flags & ~(uint64_t)AT_EMPTY_PATH)
        return -EINVAL;
    if (copy_from_user(&first, (const void __user *)path, 1) != 0)
        return -EFAULT;
    if (first == '/' || ((int)directory == AT_FDCWD && first))
        return exec_path(NULL, path, arguments, environment);
    if (!first && !(flags & AT_EMPTY_PATH))
        return -ENOENT;
    struct inode *base = descriptor_inode(directory);
    if (!base)
        return -EBADF;
    long error = first ? exec_path(base, path, arguments, environment)
                       : exec_descriptor((int)directory, arguments, environment);
    inode_release(base);
    return error;
}
