/* copy.c - copying between files without the program's own memory: sendfile, copy_file_range.
 *
 * The source is a regular file, whose pages can be mapped: so they are shown to the writing
 * side at an address that is free for the moment, and written from there. No byte is copied
 * twice. */
#include "arch/user.h"
#include "kernel/linux/files.h"

#define WINDOW (1ul << 20) /* bytes shown at once */

/* One window's worth: bytes written, or -errno. */
static long window_copy(struct file *from, uint64_t at, struct file *to, uint64_t *position,
                        size_t length)
{
    struct space *space = process_current()->space;
    size_t offset = at % PAGE_SIZE;
    struct map_request request = {
        .length = offset + length,
        .access = ACCESS_READ,
        .access_max = ACCESS_READ,
        .object = from->inode->object,
        .index = at / PAGE_SIZE,
    };
    intptr_t window = space_map(space, &request);
    if (window < 0)
        return window;
    long done = file_write(to, (const void __user *)(window + offset), length, position);
    space_unmap(space, window, PAGE_ROUND_UP(request.length));
    return done;
}

static long files_copy_bytes(struct file *from, uint64_t *at, struct file *to,
                             uint64_t *position, uint64_t length)
{
    uint64_t done = 0;
    while (done < length && *at < from->inode->object->size && !signal_fatal(current)) {
        uint64_t left = from->inode->object->size - *at, part = length - done;
        part = part < left ? part : left;
        long got = window_copy(from, *at, to, position, part < WINDOW ? part : WINDOW);
        if (got <= 0)
            return done ? (long)done : got;
        *at += got;
        done += got;
        thread_breathe();
    }
    return done;
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
    return (int64_t)side->position < 0 ? -EINVAL : 0;
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

/* Within one file: what would be read is what would be written. */
static bool sides_overlap(const struct side *from, const struct side *to, uint64_t length)
{
    return from->file->inode == to->file->inode && from->position < to->position + length &&
           to->position < from->position + length;
}

/* Bytes copied. `apart`: the two sides must not overlap. */
static long sides_copy(struct side *from, struct side *to, uint64_t length, bool apart)
{
    long error = side_fetch(from);

    if (!error)
        error = side_fetch(to);
    if (!error)
        error = sides_begin(from, to);
    if (error)
        return error;
    long done = -EINVAL;
    if (!apart || !sides_overlap(from, to, length))
        done =
            files_copy_bytes(from->file, &from->position, to->file, &to->position, length);
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
    if (!file_may_read(from->file) || !file_may_write(to->file))
        return -EBADF;
    if (!from->file->inode->object || (to->file->flags & O_APPEND))
        return -EINVAL;
    return sides_copy(from, to, length, false);
}

SYSCALL(sendfile)
{
    struct file *to = descriptor_hold(a), *from = descriptor_hold(b);
    uint64_t most = INT32_MAX & ~(uint64_t)(PAGE_SIZE - 1);
    struct side source = {from, c, 0}, target = {to, 0, 0};
    long result = to && from ? send(&source, &target, d < most ? d : most) : -EBADF;
    if (to)
        file_release(to);
    if (from)
        file_release(from);
    return result;
}

static long copy_range(struct side *from, struct side *to, uint64_t length)
{
    const struct inode *source = from->file->inode, *target = to->file->inode;

    if (!file_may_read(from->file) || !file_may_write(to->file) ||
        (to->file->flags & O_APPEND))
        return -EBADF;
    if (inode_is_directory(source) || inode_is_directory(target))
        return -EISDIR;
    if (!source->object || !target->object)
        return -EINVAL;
    return sides_copy(from, to, length, true);
}

SYSCALL(copy_file_range)
{
    struct file *from = descriptor_hold(a), *to = descriptor_hold(c);
    struct side source = {from, b, 0}, target = {to, d, 0};
    long result = -EBADF;
    if (f)
        result = -EINVAL;
    else if (from && to)
        result = copy_range(&source, &target, e < (1ul << 40) ? e : (1ul << 40));
    if (from)
        file_release(from);
    if (to)
        file_release(to);
    return result;
}
