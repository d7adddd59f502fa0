/* kernel/linux/copy.c - copying between files without the program's own memory:
 * sendfile, copy_file_range.
 *
 * The source is a regular file. Its bytes go by way of a frame of the kernel's, a page
 * at a time: the program's address space has no part in it, so that a full one, or a
 * fork in the middle, makes no difference. */
#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "mm/mm.h"

/* What is left of a page of the source: bytes written, 0 at the source's end, or -errno. */
static long page_copy(const struct file *from, uint64_t at, struct file *to,
                      uint64_t *position, uint64_t length, void *between)
{
    size_t room = PAGE_SIZE - at % PAGE_SIZE;
    long got = file_read_kernel(from->inode, between, length < room ? length : room, at);
    return got > 0 ? file_write_kernel(to, between, got, position) : got;
}

static long files_copy_bytes(const struct file *from, uint64_t *at, struct file *to,
                             uint64_t *position, uint64_t length)
{
    void *between = heap_take(PAGE_SIZE);
    uint64_t done = 0;
    long part = between ? 1 : -ENOMEM;
    while (done < length && part > 0 && !signal_fatal(current)) {
        part = page_copy(from, *at, to, position, length - done, between);
        if (part > 0) {
            *at += part;
            done += part;
            thread_breathe();
        }
    }
    if (between)
        heap_give(between, PAGE_SIZE);
    return done || part > 0 ? (long)done : part;
}

/* --- Positions ----------------------------------------------------------------------------- */

/* One side of the copy: a file, and where in it: at the position that the user gives at
 * `address`, or (0) at the file's own, which is the call's alone meanwhile. */
struct side {
    struct file *file;
    uint64_t address, position;
};

/* The file whose position is used; NULL: the user's. */
static struct file *side_locks(const struct side *side)
{
    return side->address ? NULL : side->file;
}

static long side_fetch(struct side *side)
{
    if (!side->address)
        return 0;
    if (copy_from_user(&side->position, (const void __user *)side->address,
                       sizeof(side->position)))
        return -EFAULT;
    return 0;
}

static long side_give(const struct side *side)
{
    return side->address && copy_to_user((void __user *)side->address, &side->position,
                                         sizeof(side->position))
               ? -EFAULT
               : 0;
}

static void sides_end(struct side *a, struct side *b)
{
    struct file *one = side_locks(a), *other = side_locks(b);

    if (one)
        one->position = a->position;
    if (other)
        other->position = b->position;
    if (one)
        file_position_unlock(one);
    if (other && other != one)
        file_position_unlock(other);
}

/* Lock the files' positions, the lower address first, and take them over. */
static long sides_begin(struct side *a, struct side *b)
{
    struct file *one = side_locks(a), *other = side_locks(b);
    struct file *first = one < other ? one : other, *second = one < other ? other : one;
    long error = first ? file_position_lock(first) : 0;

    if (!error && second && second != first) {
        error = file_position_lock(second);
        if (error && first)
            file_position_unlock(first);
    }
    if (error)
        return error;
    if (one)
        a->position = one->position;
    if (other)
        b->position = other->position;
    return 0;
}

/* Of `length` bytes from the position on, those that lie before the file's end. */
static uint64_t side_cut(const struct side *from, uint64_t length)
{
    uint64_t size = from->file->inode->object->size;
    uint64_t left = from->position < size ? size - from->position : 0;

    return length < left ? length : left;
}

/* Within one file: what would be read is what would be written. */
static bool sides_overlap(const struct side *from, const struct side *to, uint64_t length)
{
    return from->file->inode == to->file->inode && from->position < to->position + length &&
           to->position < from->position + length;
}

#define LENGTH_MOST (1ul << 40) /* of one call */

/* Bytes copied. `apart`: the two sides must not overlap. */
static long sides_copy(struct side *from, struct side *to, uint64_t length, bool apart)
{
    long error = sides_begin(from, to);

    if (error)
        return error;
    long done = -EINVAL;
    bool wraps = from->position + length < length || to->position + length < length;
    if (apart)
        length = side_cut(from, length);
    if (apart && wraps)
        done = -EOVERFLOW;
    else if ((int64_t)(from->position | to->position) >= 0 &&
             (!apart || !sides_overlap(from, to, length)))
        done = files_copy_bytes(from->file, &from->position, to->file, &to->position,
                                length < LENGTH_MOST ? length : LENGTH_MOST);
    sides_end(from, to);
    if (done < 0)
        return done;
    error = side_give(from);
    if (!error)
        error = side_give(to);
    return error ? error : done;
}

/* --- The calls ----------------------------------------------------------------------------- */

static long send(struct side *from, struct side *to, uint64_t length)
{
    if (!from->file || !file_may_read(from->file))
        return -EBADF;
    if (from->address && !from->file->inode->seekable)
        return -ESPIPE;
    if (!to->file || !file_may_write(to->file))
        return -EBADF;
    if (!from->file->inode->object || (to->file->flags & O_APPEND))
        return -EINVAL;
    /* of a pipe, even where there is nothing to send */
    unsigned ready =
        inode_type(to->file->inode) == S_IFIFO ? file_ready(to->file) : POLLOUT;
    if (ready & POLLERR) {
        signal_send(process_current(), SIGPIPE, SI_KERNEL, 0);
        return -EPIPE;
    }
    if (!(ready & POLLOUT) && (to->file->flags & O_NONBLOCK))
        return -EAGAIN;
    return sides_copy(from, to, length, false);
}

SYSCALL(sendfile, int out_fd, int in_fd, uint64_t offset_at, uint64_t count)
{
    struct file *to = descriptor_hold(out_fd), *from = descriptor_hold(in_fd);
    uint64_t most = INT32_MAX & ~(uint64_t)(PAGE_SIZE - 1);
    struct side source = {from, offset_at, 0}, target = {to, 0, 0};
    long result = side_fetch(&source);
    if (!result)
        result = send(&source, &target, count < most ? count : most);
    if (to)
        file_release(to);
    if (from)
        file_release(from);
    return result;
}

static long copy_range(struct side *from, struct side *to, uint64_t length)
{
    const struct inode *source = from->file->inode, *target = to->file->inode;
    long error = side_fetch(from);

    if (!error)
        error = side_fetch(to);
    if (error)
        return error;
    if (inode_is_directory(source) || inode_is_directory(target))
        return -EISDIR;
    if (inode_type(source) != S_IFREG || inode_type(target) != S_IFREG)
        return -EINVAL;
    if (!file_may_read(from->file) || !file_may_write(to->file) ||
        (to->file->flags & O_APPEND))
        return -EBADF;
    if (!source->object || !target->object)
        return -EXDEV; /* of another file system, as those of /proc */
    return sides_copy(from, to, length, true);
}

SYSCALL(copy_file_range, int in_fd, uint64_t in_at, int out_fd, uint64_t out_at,
        uint64_t count, uint32_t flags)
{
    struct file *from = descriptor_hold(in_fd), *to = descriptor_hold(out_fd);
    struct side source = {from, in_at, 0}, target = {to, out_at, 0};
    long result = -EBADF;
    if (from && to)
        result = flags ? -EINVAL : copy_range(&source, &target, count);
    if (from)
        file_release(from);
    if (to)
        file_release(to);
    return result;
}
