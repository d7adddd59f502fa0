/* locks.c - fcntl's record locks and flock, as Linux words them. */
#include "kernel/linux/locks.h"
#include "arch/user.h"
#include "kernel/file_lock.h"
#include "kernel/linux/files.h"

struct linux_flock {
    int16_t type, whence;
    int32_t padding;
    int64_t start, length;
    int32_t pid, padding_end;
};

enum { LOCK_READ, LOCK_WRITE, LOCK_NONE };       /* linux_flock.type */
enum { WHENCE_SET, WHENCE_CURRENT, WHENCE_END }; /* linux_flock.whence */
enum { FLOCK_SHARED = 1, FLOCK_EXCLUSIVE, FLOCK_NOW = 4, FLOCK_NONE = 8 };

static int64_t lock_base(const struct file *file, int whence)
{
    switch (whence) {
    case WHENCE_SET:
        return 0;
    case WHENCE_CURRENT:
        return file->position;
    case WHENCE_END:
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
    *lock =
        (struct file_lock){.owner = process_current()->files, .pid = process_current()->id};
    switch (given->type) {
    case LOCK_READ:
        lock->kind = FILE_LOCK_SHARED;
        break;
    case LOCK_WRITE:
        lock->kind = FILE_LOCK_EXCLUSIVE;
        break;
    case LOCK_NONE:
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
            .type = lock->kind == FILE_LOCK_EXCLUSIVE ? LOCK_WRITE : LOCK_READ,
            .whence = WHENCE_SET,
            .start = lock->start,
            .length = lock->end == UINT64_MAX ? 0 : lock->end - lock->start,
            .pid = lock->pid};
    } else {
        given->type = LOCK_NONE;
    }
    return copy_to_user((void __user *)user, given, sizeof(*given)) ? -EFAULT : 0;
}

/* Set a lock; but if the number was closed meanwhile, which ends a process's locks, none. */
static long lock_set(const struct file *file, int fd, const struct file_lock *wanted,
                     bool waits)
{
    struct files *files = process_current()->files;
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
    if (command == FILE_LOCK_TELL)
        return wanted.kind == FILE_LOCK_NONE ? -EINVAL
                                             : lock_tell(file, &given, &wanted, user);
    if ((wanted.kind == FILE_LOCK_SHARED && !file_may_read(file)) ||
        (wanted.kind == FILE_LOCK_EXCLUSIVE && !file_may_write(file)))
        return -EBADF;
    return lock_set(file, fd, &wanted, command == FILE_LOCK_WAIT);
}

static long flock_call(struct file *file, uint64_t operation)
{
    struct file_lock wanted = {.owner = file, .whole = true, .end = UINT64_MAX};

    switch (operation & ~(uint64_t)FLOCK_NOW) {
    case FLOCK_SHARED:
        wanted.kind = FILE_LOCK_SHARED;
        break;
    case FLOCK_EXCLUSIVE:
        wanted.kind = FILE_LOCK_EXCLUSIVE;
        break;
    case FLOCK_NONE:
        wanted.kind = FILE_LOCK_NONE;
        break;
    default:
        return -EINVAL;
    }
    return file_lock_set(file->inode, &wanted, !(operation & FLOCK_NOW));
}

SYSCALL(flock, fd, operation)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    long result = flock_call(file, operation);
    file_release(file);
    return result;
}
