/* kernel/linux/locks.c - fcntl's record locks and flock, as Linux words them. */
#include "kernel/linux/locks.h"
#include "arch/user.h"
#include "kernel/file/file_lock.h"
#include "kernel/linux/descriptors.h"

struct linux_flock {
    int16_t type, whence;
    int32_t padding;
    int64_t start, length;
    int32_t pid, padding_end;
};

enum { F_RDLCK, F_WRLCK, F_UNLCK }; /* linux_flock.type */
enum { LOCK_SH = 1, LOCK_EX, LOCK_NB = 4, LOCK_UN = 8 };

static int64_t lock_base(const struct file *file, int whence)
{
    switch (whence) {
    case SEEK_SET:
        return 0;
    case SEEK_CUR:
        return file->position;
    case SEEK_END:
        return file->inode->object ? file->inode->object->size : 0;
    default:
        return -EINVAL;
    }
}

/* The bytes that are meant: [start, start + length), or up to the end of all files if length
 * is 0; a negative length means those before. */
static int lock_range(const struct file *file, const struct linux_flock *given,
                      struct file_lock *lock)
{
    int64_t start = lock_base(file, given->whence), end;

    if (start < 0)
        return start;
    if (__builtin_add_overflow(start, given->start, &start))
        return -EOVERFLOW;
    if (__builtin_add_overflow(start, given->length, &end))
        return -EOVERFLOW;
    if (given->length < 0) {
        lock->start = end;
        lock->end = start;
    } else {
        lock->start = start;
        lock->end = given->length ? (uint64_t)end : UINT64_MAX;
    }
    return start < 0 || end < 0 ? -EINVAL : 0;
}

/* The lock asked for. Reading needs a file open for reading, and so on. */
static int lock_wanted(struct file *file, const struct linux_flock *given,
                       struct file_lock *lock)
{
    *lock = (struct file_lock){.owner = current->files, .pid = process_current()->id};
    switch (given->type) {
    case F_RDLCK:
        lock->kind = FILE_LOCK_SHARED;
        break;
    case F_WRLCK:
        lock->kind = FILE_LOCK_EXCLUSIVE;
        break;
    case F_UNLCK:
        lock->kind = FILE_LOCK_NONE;
        break;
    default:
        return -EINVAL;
    }
    return lock_range(file, given, lock);
}

static long lock_tell(struct file *file, struct linux_flock *given,
                      const struct file_lock *wanted, uint64_t user)
{
    const struct file_lock *lock = file_lock_conflict(file->inode, wanted);

    if (lock) {
        *given = (struct linux_flock){
            .type = lock->kind == FILE_LOCK_EXCLUSIVE ? F_WRLCK : F_RDLCK,
            .whence = SEEK_SET,
            .start = lock->start,
            .length = lock->end == UINT64_MAX ? 0 : lock->end - lock->start,
            .pid = lock->pid};
    } else {
        given->type = F_UNLCK;
    }
    return copy_to_user((void __user *)user, given, sizeof(*given)) ? -EFAULT : 0;
}

/* Set a lock; but if the number was closed meanwhile, which ends a process's locks, none. */
static long lock_set(const struct file *file, int fd, const struct file_lock *wanted,
                     bool waits)
{
    struct files *files = current->files;
    int error = file_lock_set(file->inode, wanted, waits);

    if (error || files_has(files, fd, file))
        return error;
    file_lock_forget(file->inode, files);
    return -EBADF;
}

long file_lock_call(struct file *file, int fd, enum file_lock_command command,
                    uint64_t user)
{
    struct linux_flock given;
    struct file_lock wanted;

    if (copy_from_user(&given, (const void __user *)user, sizeof(given)))
        return -EFAULT;
    int error = lock_wanted(file, &given, &wanted);
    if (error)
        return error;
    if (command == F_GETLK)
        return wanted.kind == FILE_LOCK_NONE ? -EINVAL
                                             : lock_tell(file, &given, &wanted, user);
    if ((wanted.kind == FILE_LOCK_SHARED && !file_may_read(file)) ||
        (wanted.kind == FILE_LOCK_EXCLUSIVE && !file_may_write(file)))
        return -EBADF;
    return lock_set(file, fd, &wanted, command == F_SETLKW);
}

/* What is asked is looked at before the file. */
SYSCALL(flock, int fd, uint32_t operation)
{
    struct file_lock wanted = {.whole = true, .end = UINT64_MAX};

    switch (operation & ~LOCK_NB) {
    case LOCK_SH:
        wanted.kind = FILE_LOCK_SHARED;
        break;
    case LOCK_EX:
        wanted.kind = FILE_LOCK_EXCLUSIVE;
        break;
    case LOCK_UN:
        wanted.kind = FILE_LOCK_NONE;
        break;
    default:
        return -EINVAL;
    }
    struct file *file = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    wanted.owner = file;
    long result = file_lock_set(file->inode, &wanted, !(operation & LOCK_NB));
    file_release(file);
    return result;
}
