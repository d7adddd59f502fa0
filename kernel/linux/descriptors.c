/* kernel/linux/descriptors.c - numbers for open files: open, close, dup, pipe, fcntl, ioctl. */
#include "kernel/linux/descriptors.h"
#include "arch/user.h"
#include "kernel/file/memory_fs.h"
#include "kernel/file/owner.h"
#include "kernel/file/pipe.h"
#include "kernel/file/writers.h"
#include "kernel/linux/locks.h"
#include "mm/mm.h"

#define O_LARGEFILE 0100000u /* Linux sets it in every file that is opened */
#define SETTABLE    (O_APPEND | O_NONBLOCK)
#define PATH_FLAGS \
    (O_PATH | O_DIRECTORY | O_NOFOLLOW) /* all that O_PATH leaves of open's */

enum {
    F_DUPFD = 0,
    F_GETFD = 1,
    F_SETFD = 2,
    F_GETFL = 3,
    F_SETFL = 4,
    F_SETOWN = 8,
    F_GETOWN = 9,
    F_SETSIG = 10,
    F_GETSIG = 11,
    F_SETOWN_EX = 15,
    F_GETOWN_EX = 16,
    F_DUPFD_CLOEXEC = 1030,
    F_SETPIPE_SZ = 1031,
    F_GETPIPE_SZ = 1032,
    F_ADD_SEALS = 1033,
    F_GET_SEALS = 1034,
};
#define FD_CLOEXEC 1u

struct file *descriptor_named(int fd)
{
    return files_get(current->files, fd);
}

struct file *descriptor_hold(int fd)
{
    return files_get_open(current->files, fd);
}

int descriptor_hold_kind(int fd, bool (*is)(const struct file *), int error,
                         struct file **held)
{
    struct file *file = *held = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    if (is(file))
        return 0;
    file_release(file);
    return error;
}

struct inode *descriptor_inode(int fd)
{
    struct file *file = descriptor_named(fd);

    if (!file)
        return NULL;
    struct inode *inode = file->inode;
    inode_hold(inode);
    file_release(file);
    return inode;
}

int descriptor_limit(void)
{
    uint64_t limit = process_current()->limits[RLIMIT_NOFILE].soft;

    return limit < FILES_MAX ? limit : FILES_MAX;
}

long descriptor_add(struct file *file, int minimum, bool close_on_exec)
{
    int fd = files_add(current->files, file,
                       (struct files_range){minimum, descriptor_limit()}, close_on_exec);

    if (fd < 0)
        file_release(file);
    return fd;
}

/* --- open and close ----------------------------------------------------------------------- */

/* Apart, so that the path's memory on the stack is given back before anything sleeps. */
static __attribute__((noinline)) int open_user(int fd, uint64_t path, uint32_t flags,
                                               uint32_t mode, struct file **file)
{
    char text[PATH_LENGTH_MAX];
    struct inode *base = NULL;
    long length = copy_string_from_user(text, (const char __user *)path, sizeof(text));

    if (length < 0)
        return length;
    if (!text[0])
        return -ENOENT;
    if (files_full(current->files, descriptor_limit()))
        return -EMFILE; /* before a file is made or cut for nobody */
    if (fd != AT_FDCWD && text[0] != '/') {
        base = descriptor_inode(fd);
        if (!base)
            return -EBADF;
    }
    flags |= flags & O_PATH ? 0 : O_LARGEFILE;
    mode &= ~process_current()->directories->umask;
    int error = file_open(base, text, flags, mode, file);
    inode_release(base);
    return error;
}

static long open_call(int fd, uint64_t path, uint32_t flags, uint32_t mode)
{
    struct file *file;

    if (flags & O_PATH)
        flags &= PATH_FLAGS | O_CLOEXEC;
    if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
        return -EINVAL; /* open makes no directories */
    if (flags & O_TMPFILE)
        return (flags & O_DIRECTORY) && (flags & O_ACCMODE) ? -EOPNOTSUPP : -EINVAL;
    int error = open_user(fd, path, flags, mode, &file);
    return error ? error : descriptor_add(file, 0, flags & O_CLOEXEC);
}

SYSCALL(open, uint64_t path, uint32_t flags, uint16_t mode)
{
    return open_call(AT_FDCWD, path, flags, mode);
}

SYSCALL(openat, int directory, uint64_t path, uint32_t flags, uint16_t mode)
{
    return open_call(directory, path, flags, mode);
}

SYSCALL(creat, uint64_t path, uint16_t mode)
{
    return open_call(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

SYSCALL(close, int fd)
{
    return files_close(current->files, fd);
}

SYSCALL(close_range, uint32_t lowest, uint32_t highest, uint32_t flags)
{
    enum { CLOSE_RANGE_UNSHARE = 2, CLOSE_RANGE_CLOEXEC = 4 };
    uint32_t last = highest < FILES_MAX ? highest : FILES_MAX - 1;

    if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) || lowest > highest)
        return -EINVAL;
    if ((flags & CLOSE_RANGE_UNSHARE) && !thread_own_files())
        return -ENOMEM;
    struct files *files = current->files;
    int fd = lowest <= last ? files_next(files, lowest) : -1;
    for (; fd >= 0 && (uint32_t)fd <= last; fd = files_next(files, fd + 1)) {
        if (flags & CLOSE_RANGE_CLOEXEC)
            files_set_close_on_exec(files, fd, true);
        else
            files_close(files, fd);
    }
    return 0;
}

/* --- dup ----------------------------------------------------------------------------------- */

static long descriptor_copy(int fd, int minimum, bool close_on_exec)
{
    struct file *file = descriptor_named(fd);

    return file ? descriptor_add(file, minimum, close_on_exec) : -EBADF;
}

static long descriptor_copy_to(int fd, int to, bool close_on_exec)
{
    if ((unsigned)to >= (unsigned)descriptor_limit())
        return -EBADF;
    struct file *file = descriptor_named(fd);
    if (!file)
        return -EBADF;
    int result = files_replace(current->files, file, to, close_on_exec);
    if (result < 0)
        file_release(file);
    return result;
}

SYSCALL(dup, int fd)
{
    return descriptor_copy(fd, 0, false);
}

SYSCALL(dup2, int fd, int wanted)
{
    if (fd == wanted)
        return files_is_open(current->files, fd) ? wanted : -EBADF;
    return descriptor_copy_to(fd, wanted, false);
}

SYSCALL(dup3, int fd, int wanted, uint32_t flags)
{
    if (fd == wanted || (flags & ~O_CLOEXEC))
        return -EINVAL;
    return descriptor_copy_to(fd, wanted, flags & O_CLOEXEC);
}

/* --- pipe and other files without a name --------------------------------------------------- */

/* Take a number back that the program was not told: unless another thread has closed it
 * meanwhile, and perhaps something else has it now. */
static void descriptor_withdraw(int fd, const struct file *file)
{
    struct files *files = current->files;

    if (fd >= 0 && files_has(files, fd, file))
        files_close(files, fd);
}

long descriptor_add_pair(struct file *first, struct file *second, uint64_t numbers,
                         bool close_on_exec)
{
    int fd[2] = {-1, -1};

    file_hold(first); /* so that no other file can be where they were */
    file_hold(second);
    fd[0] = descriptor_add(first, 0, close_on_exec);
    if (fd[0] < 0)
        file_release(second);
    else
        fd[1] = descriptor_add(second, 0, close_on_exec);
    int error = fd[0] < 0 ? fd[0] : fd[1] < 0 ? fd[1] : 0;
    if (!error && copy_to_user((void __user *)numbers, fd, sizeof(fd)))
        error = -EFAULT;
    if (error) {
        descriptor_withdraw(fd[1], second);
        descriptor_withdraw(fd[0], first);
    }
    file_release(first);
    file_release(second);
    return error;
}

static long pipe_call(uint64_t numbers, uint32_t flags)
{
    struct file *reader, *writer;

    if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
        return -EINVAL;
    int error = pipe_create(flags & (O_NONBLOCK | O_DIRECT), &reader, &writer);
    return error ? error : descriptor_add_pair(reader, writer, numbers, flags & O_CLOEXEC);
}

SYSCALL(pipe, uint64_t numbers)
{
    return pipe_call(numbers, 0);
}

SYSCALL(pipe2, uint64_t numbers, uint32_t flags)
{
    return pipe_call(numbers, flags);
}

#define MFD_CLOEXEC       1u
#define MFD_ALLOW_SEALING 2u
#define MEMFD             "memfd:" /* before the name that it is told by */
#define MEMFD_NAME_MAX    249

SYSCALL(memfd_create, uint64_t name_at, uint32_t flags)
{
    char name[sizeof(MEMFD) + MEMFD_NAME_MAX] = MEMFD;
    struct file *file;

    if (flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING))
        return -EINVAL;
    long length = copy_string_from_user(name + sizeof(MEMFD) - 1,
                                        (const char __user *)name_at, MEMFD_NAME_MAX + 1);
    if (length < 0)
        return length == -ENAMETOOLONG ? -EINVAL : length;
    struct inode *inode = memory_file_create(0777, object_create(NULL, 0, 0));
    if (!inode)
        return -ENOMEM;
    inode->links = 0;
    inode->name = name;
    inode_lose_name(inode);
    if (flags & MFD_ALLOW_SEALING)
        inode->seals = 0;
    int error = file_open_inode(inode, O_RDWR | O_LARGEFILE, &file);
    inode_release(inode);
    return error ? error : descriptor_add(file, 0, flags & MFD_CLOEXEC);
}

/* --- fcntl ---------------------------------------------------------------------------------- */

static long pipe_sizes(struct file *file, unsigned command, uint32_t size)
{
    if (file->inode->operations != &pipe_operations)
        return -EBADF;
    return command == F_SETPIPE_SZ ? pipe_resize(file, size) : pipe_size(file);
}

/* The inode is locked: nobody is in the middle of what is being forbidden. */
static long inode_seal(struct inode *inode, uint32_t seals)
{
    if (inode->seals & F_SEAL_SEAL)
        return -EPERM;
    if ((seals & F_SEAL_WRITE) && !(inode->seals & F_SEAL_WRITE) &&
        writers_by_mapping(inode->object))
        return -EBUSY;
    inode->seals |= seals;
    return 0;
}

static long file_seals(struct file *file, unsigned command, uint32_t seals)
{
    struct inode *inode = file->inode;

    if (command == F_ADD_SEALS && !file_may_write(file))
        return -EPERM;
    if (inode_type(inode) != S_IFREG || !inode->object)
        return -EINVAL;
    if (command == F_GET_SEALS)
        return inode->seals;
    if (seals & ~SEALS)
        return -EINVAL;
    long error = inode_lock(inode);
    if (error)
        return error;
    error = inode_seal(inode, seals);
    inode_unlock(inode);
    return error;
}

/* A pipe is one of packets from its beginning, or none. What has nothing to tell ignores
 * O_ASYNC. */
static long flags_set(struct file *file, int fd, uint32_t flags)
{
    uint32_t settable = SETTABLE | (file->inode->object ? O_DIRECT : 0);

    if ((flags ^ file->flags) & O_DIRECT & ~settable)
        return -EINVAL;
    long error =
        (flags ^ file->flags) & O_ASYNC ? owner_listen(file, fd, flags & O_ASYNC) : 0;
    if (error && error != -ENOTTY)
        return error;
    file->flags = (file->flags & ~settable) | (flags & settable);
    return 0;
}

struct linux_owner {
    int kind, id;
};

/* A number below 0 is a group's. */
static long owner_call(struct file *file, unsigned command, uint64_t argument)
{
    struct linux_owner owner;
    int who = (int)argument;

    switch (command) {
    case F_SETSIG:
        return owner_set_signal(file, who);
    case F_GETSIG:
        return owner_signal(file);
    case F_SETOWN:
        if (who == INT32_MIN)
            return -EINVAL;
        return owner_set(file, who < 0 ? F_OWNER_PGRP : F_OWNER_PID, who < 0 ? -who : who);
    case F_GETOWN:
        owner.id = owner_get(file, &owner.kind);
        return owner.kind == F_OWNER_PGRP ? -owner.id : owner.id;
    case F_SETOWN_EX:
        if (copy_from_user(&owner, (const void __user *)argument, sizeof(owner)))
            return -EFAULT;
        return owner_set(file, owner.kind, owner.id);
    default: /* F_GETOWN_EX */
        owner.id = owner_get(file, &owner.kind);
        return copy_to_user((void __user *)argument, &owner, sizeof(owner)) ? -EFAULT : 0;
    }
}

static long file_fcntl(struct file *file, int fd, unsigned command, uint64_t argument)
{
    struct files *files = current->files;
    uint32_t number = (uint32_t)argument; /* an int, too, of those that take one */

    switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
        if (number >= (uint32_t)descriptor_limit())
            return -EINVAL;
        return descriptor_copy(fd, number, command == F_DUPFD_CLOEXEC);
    case F_GETFD:
        return files_closes_on_exec(files, fd) ? FD_CLOEXEC : 0;
    case F_SETFD:
        files_set_close_on_exec(files, fd, number & FD_CLOEXEC);
        return 0;
    case F_GETFL:
        return file->flags;
    case F_SETFL:
        return flags_set(file, fd, number);
    case F_SETOWN:
    case F_GETOWN:
    case F_SETSIG:
    case F_GETSIG:
    case F_SETOWN_EX:
    case F_GETOWN_EX:
        return owner_call(file, command, argument);
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        return file_lock_call(file, fd, command, argument);
    case F_ADD_SEALS:
    case F_GET_SEALS:
        return file_seals(file, command, number);
    case F_SETPIPE_SZ:
    case F_GETPIPE_SZ:
        return pipe_sizes(file, command, number);
    default:
        return -EINVAL;
    }
}

SYSCALL(fcntl, int fd, uint32_t command, uint64_t argument)
{
    struct file *file = descriptor_named(fd);

    if (!file)
        return -EBADF;
    bool may = !(file->flags & O_PATH) || command <= F_GETFL || command == F_DUPFD_CLOEXEC;
    long result = may ? file_fcntl(file, fd, command, argument) : -EBADF;
    file_release(file);
    return result;
}

/* --- ioctl ---------------------------------------------------------------------------------- */

static long file_set_flag(struct file *file, int fd, unsigned command, uint64_t argument)
{
    int on;

    if (copy_from_user(&on, (const void __user *)argument, sizeof(on)))
        return -EFAULT;
    if (command == FIOASYNC)
        return !on == !(file->flags & O_ASYNC) ? 0 : owner_listen(file, fd, on);
    file->flags = on ? file->flags | O_NONBLOCK : file->flags & ~O_NONBLOCK;
    return 0;
}

static long file_bytes_left(const struct file *file, uint64_t argument)
{
    const struct object *object = file->inode->object;
    int left = (object ? object->size : 0) - file->position; /* below 0 behind the end */

    return copy_to_user((void __user *)argument, &left, sizeof(left)) ? -EFAULT : 0;
}

static long file_control(struct file *file, int fd, unsigned command, uint64_t argument)
{
    struct files *files = current->files;

    if (command == FIOCLEX || command == FIONCLEX) {
        files_set_close_on_exec(files, fd, command == FIOCLEX);
        return 0;
    }
    if (command == FIONBIO || command == FIOASYNC)
        return file_set_flag(file, fd, command, argument);
    if (command == FIONREAD && inode_type(file->inode) == S_IFREG)
        return file_bytes_left(file, argument);
    if (!file->inode->operations->control)
        return -ENOTTY;
    return file->inode->operations->control(file, command, argument);
}

SYSCALL(ioctl, int fd, uint32_t command, uint64_t argument)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    long result = file_control(file, fd, command, argument);
    file_release(file);
    return result;
}
