/* files.c - read, write and their kin.
 *
 * Each finds the open file, keeps it (another thread may close the number meanwhile), and
 * leaves the work to the file's operations. The vector calls do so for one piece of memory
 * after the other and stop at the first that is not served in full. */
#include "kernel/linux/files.h"
#include "arch/user.h"
#include "kernel/device.h"
#include "mm/advise.h"

#define IOVEC_MAX   1024u
#define IOVEC_CHUNK 16u
#define LENGTH_MAX  INT64_MAX

enum { WHENCE_SET, WHENCE_CURRENT, WHENCE_END, WHENCE_DATA, WHENCE_HOLE };

SYSCALL(read)
{
    struct file *file = descriptor_hold(a);

    if (!file)
        return -EBADF;
    long done = file_read(file, (void __user *)b, c, &file->position);
    file_release(file);
    return done;
}

SYSCALL(write)
{
    struct file *file = descriptor_hold(a);

    if (!file)
        return -EBADF;
    long done = file_write(file, (const void __user *)b, c, &file->position);
    file_release(file);
    return done;
}

/* Reading and writing at a position leaves the file's own alone. */
static long file_check_position(const struct file *file, int64_t position)
{
    if (position < 0)
        return -EINVAL;
    return file->inode->seekable ? 0 : -ESPIPE;
}

SYSCALL(pread64)
{
    struct file *file = descriptor_hold(a);
    uint64_t position = d;

    if (!file)
        return -EBADF;
    long done = file_check_position(file, d);
    if (!done)
        done = file_read(file, (void __user *)b, c, &position);
    file_release(file);
    return done;
}

SYSCALL(pwrite64)
{
    struct file *file = descriptor_hold(a);
    uint64_t position = d;

    if (!file)
        return -EBADF;
    long done = file_check_position(file, d);
    if (!done)
        done = file_write(file, (const void __user *)b, c, &position);
    file_release(file);
    return done;
}

/* --- Several pieces of memory ------------------------------------------------------------- */

static long file_transfer(struct file *file, const struct linux_iovec *piece, bool write,
                          uint64_t *position)
{
    if (write)
        return file_write(file, (const void __user *)piece->base, piece->length, position);
    return file_read(file, (void __user *)piece->base, piece->length, position);
}

/* A read that has got something must not wait for more. */
static bool file_would_wait(struct file *file, bool write)
{
    return !write && !file->inode->seekable && !(file_ready(file) & READY_READ);
}

/* One chunk of pieces. *goes_on is set to false at the first that was not served in full. */
static long file_transfer_pieces(struct file *file, const struct linux_iovec *piece,
                                 unsigned count, bool write, uint64_t *position,
                                 long before, bool *goes_on)
{
    long done = before;

    for (unsigned i = 0; i < count && *goes_on; i++) {
        if (!piece[i].length)
            continue;
        if (done && file_would_wait(file, write))
            break;
        long part = file_transfer(file, &piece[i], write, position);
        if (part < 0 && !done)
            return part;
        done += part > 0 ? part : 0;
        *goes_on = part == (long)piece[i].length;
    }
    return done;
}

/* The lengths together must fit the result. */
static long iovec_check(const struct linux_iovec __user *vector, uint64_t count)
{
    uint64_t total = 0;

    if (count > IOVEC_MAX)
        return -EINVAL;
    for (uint64_t i = 0; i < count; i++) {
        struct linux_iovec piece;

        if (copy_from_user(&piece, vector + i, sizeof(piece)))
            return -EFAULT;
        if (piece.length > LENGTH_MAX - total)
            return -EINVAL;
        total += piece.length;
    }
    return 0;
}

static long file_transfer_vector(struct file *file, const struct linux_iovec __user *vector,
                                 uint64_t count, bool write, uint64_t *position)
{
    long done = iovec_check(vector, count);
    bool goes_on = true;

    if (done)
        return done;
    if (write ? !file_may_write(file) : !file_may_read(file))
        return -EBADF;
    for (uint64_t i = 0; i < count && goes_on && done >= 0; i += IOVEC_CHUNK) {
        struct linux_iovec piece[IOVEC_CHUNK];
        unsigned part = count - i < IOVEC_CHUNK ? count - i : IOVEC_CHUNK;

        if (copy_from_user(piece, vector + i, part * sizeof(piece[0])))
            return done ? done : -EFAULT;
        done = file_transfer_pieces(file, piece, part, write, position, done, &goes_on);
    }
    return done;
}

static long vector_call(uint64_t fd, uint64_t vector, uint64_t count, bool write,
                        uint64_t *at)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    long done = at ? file_check_position(file, *at) : 0;
    if (!done)
        done = file_transfer_vector(file, (const struct linux_iovec __user *)vector, count,
                                    write, at ? at : &file->position);
    file_release(file);
    return done;
}

SYSCALL(readv)
{
    return vector_call(a, b, c, false, NULL);
}

SYSCALL(writev)
{
    return vector_call(a, b, c, true, NULL);
}

SYSCALL(preadv)
{
    return vector_call(a, b, c, false, &d);
}

SYSCALL(pwritev)
{
    return vector_call(a, b, c, true, &d);
}

/* --- Position and size --------------------------------------------------------------------- */

static uint64_t file_size(const struct file *file)
{
    return file->inode->object ? file->inode->object->size : 0;
}

/* Where `offset` leads, or -errno. A file has no holes worth telling but the one behind it. */
static int64_t file_seek(const struct file *file, int64_t offset, uint64_t whence)
{
    int64_t size = file_size(file), base = 0;

    switch (whence) {
    case WHENCE_SET:
        break;
    case WHENCE_CURRENT:
        base = file->position;
        break;
    case WHENCE_END:
        base = size;
        break;
    case WHENCE_DATA:
    case WHENCE_HOLE:
        if (offset < 0 || offset >= size)
            return -ENXIO;
        return whence == WHENCE_DATA ? offset : size;
    default:
        return -EINVAL;
    }
    int64_t position;
    if (__builtin_add_overflow(base, offset, &position))
        return -EOVERFLOW;
    return position < 0 ? -EINVAL : position;
}

SYSCALL(lseek)
{
    struct file *file = files_get(process_current()->files, a);

    if (!file || (file->flags & O_PATH))
        return -EBADF;
    if (!file->inode->seekable)
        return -ESPIPE;
    int64_t position = file_seek(file, b, c);
    if (position >= 0)
        file->position = position;
    return position;
}

static long inode_truncate(struct inode *inode, int64_t size)
{
    if (size < 0)
        return -EINVAL;
    if (inode_is_directory(inode))
        return -EISDIR;
    return inode->operations->resize ? inode->operations->resize(inode, size) : -EINVAL;
}

SYSCALL(truncate)
{
    struct inode *inode;
    int error = path_find_user(AT_FDCWD, a, 0, &inode);

    if (error)
        return error;
    long result = inode_truncate(inode, b);
    inode_release(inode);
    return result;
}

SYSCALL(ftruncate)
{
    struct file *file = descriptor_hold(a);

    if (!file)
        return -EBADF;
    long result = file_may_write(file) ? inode_truncate(file->inode, b) : -EINVAL;
    file_release(file);
    return result;
}

#define FALLOCATE_KEEP_SIZE 1u
#define FALLOCATE_PUNCH     2u

static long file_punch(const struct file *file, uint64_t start, uint64_t end)
{
    struct inode *inode = file->inode;

    if (!inode->object)
        return inode->seekable ? -ENODEV : -ESPIPE;
    long error = inode_lock(inode);
    if (error)
        return error;
    error = inode->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE)
                ? -EPERM
                : object_punch(inode->object, start, end);
    inode_unlock(inode);
    inode_modified(inode);
    return error;
}

/* Memory is promised, never set aside: what remains of fallocate is that the file grows, and
 * that holes can be made in it. */
static long file_allocate(const struct file *file, uint64_t mode, int64_t offset,
                          int64_t length)
{
    int64_t end;

    if (!file_may_write(file))
        return -EBADF;
    if (offset < 0 || length <= 0)
        return -EINVAL;
    if ((mode & ~(uint64_t)(FALLOCATE_KEEP_SIZE | FALLOCATE_PUNCH)) ||
        mode == FALLOCATE_PUNCH)
        return -EOPNOTSUPP;
    if (!file->inode->operations->resize)
        return file->inode->seekable ? -ENODEV : -ESPIPE;
    if (__builtin_add_overflow(offset, length, &end))
        return -EFBIG;
    if (mode & FALLOCATE_PUNCH)
        return file_punch(file, offset, end);
    if ((mode & FALLOCATE_KEEP_SIZE) || (uint64_t)end <= file_size(file))
        return 0;
    return file->inode->operations->resize(file->inode, end);
}

SYSCALL(fallocate)
{
    struct file *file = descriptor_hold(a);

    if (!file)
        return -EBADF;
    long result = file_allocate(file, b, c, d);
    file_release(file);
    return result;
}

/* Nothing is read ahead, so advice changes nothing. */
SYSCALL(fadvise64)
{
    const struct file *file = files_get(process_current()->files, a);

    if (!file)
        return -EBADF;
    if (d > 5)
        return -EINVAL;
    return file->inode->seekable ? 0 : -ESPIPE;
}

/* Files are in memory and nowhere else: they are as safe as they will ever be. */
static long descriptor_sync(uint64_t fd)
{
    const struct file *file = files_get(process_current()->files, fd);

    if (!file)
        return -EBADF;
    return file->inode->seekable ? 0 : -EINVAL;
}

SYSCALL(fsync)
{
    return descriptor_sync(a);
}

SYSCALL(fdatasync)
{
    return descriptor_sync(a);
}

SYSCALL(syncfs)
{
    return files_get(process_current()->files, a) ? 0 : -EBADF;
}

SYSCALL(sync)
{
    return 0;
}
