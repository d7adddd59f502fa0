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
    }
    return done;
}

/* The position to use: the user's at `address`, or the file's own. */
static long position_get(const struct file *file, uint64_t address, uint64_t *position)
{
    *position = file->position;
    if (!address)
        return 0;
    if (copy_from_user(position, (const void __user *)address, sizeof(*position)))
        return -EFAULT;
    return (int64_t)*position < 0 ? -EINVAL : 0;
}

static long position_put(struct file *file, uint64_t address, uint64_t position)
{
    if (!address) {
        file->position = position;
        return 0;
    }
    return copy_to_user((void __user *)address, &position, sizeof(position)) ? -EFAULT : 0;
}

static long send(struct file *to, struct file *from, uint64_t offset, uint64_t length)
{
    uint64_t at;
    if (!file_may_read(from) || !file_may_write(to))
        return -EBADF;
    if (!from->inode->object || (to->flags & O_APPEND))
        return -EINVAL;
    long error = position_get(from, offset, &at);
    if (error)
        return error;
    long done = files_copy_bytes(from, &at, to, &to->position, length);
    error = position_put(from, offset, at);
    return done < 0 ? done : error ? error : done;
}

SYSCALL(sendfile)
{
    struct file *to = descriptor_hold(a), *from = descriptor_hold(b);
    uint64_t most = INT32_MAX & ~(uint64_t)(PAGE_SIZE - 1);
    long result = to && from ? send(to, from, c, d < most ? d : most) : -EBADF;
    if (to)
        file_release(to);
    if (from)
        file_release(from);
    return result;
}

static long copy_range(struct file *from, uint64_t from_offset, struct file *to,
                       uint64_t to_offset, uint64_t length)
{
    uint64_t at, position;
    if (!file_may_read(from) || !file_may_write(to) || (to->flags & O_APPEND))
        return -EBADF;
    if (inode_is_directory(from->inode) || inode_is_directory(to->inode))
        return -EISDIR;
    if (!from->inode->object || !to->inode->object)
        return -EINVAL;
    long error = position_get(from, from_offset, &at);
    if (!error)
        error = position_get(to, to_offset, &position);
    if (error)
        return error;
    if (from->inode == to->inode && at < position + length && position < at + length)
        return -EINVAL;
    long done = files_copy_bytes(from, &at, to, &position, length);
    if (done < 0)
        return done;
    error = position_put(from, from_offset, at);
    if (!error)
        error = position_put(to, to_offset, position);
    return error ? error : done;
}

SYSCALL(copy_file_range)
{
    struct file *from = descriptor_hold(a), *to = descriptor_hold(c);
    long result = -EBADF;
    if (f)
        result = -EINVAL;
    else if (from && to)
        result = copy_range(from, b, to, d, e < (1ul << 40) ? e : (1ul << 40));
    if (from)
        file_release(from);
    if (to)
        file_release(to);
    return result;
}
