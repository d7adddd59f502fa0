/* kernel/linux/read_write.c - read, write and their kin.
 *
 * Each finds the open file, keeps it (another thread may close the number meanwhile), and
 * leaves the work to the file's operations. Calls that use the file's own position have it to
 * themselves. The vector calls serve one piece of memory after the other and stop at the first
 * that is not served in full; their writes are one write all the same. */
#include "arch/user.h"
#include "kernel/device/device.h"
#include "kernel/file/pipe.h"
#include "kernel/file/regular.h"
#include "kernel/file/unnamed.h"
#include "kernel/file/writers.h"
#include "kernel/linux/descriptors.h"
#include "lib/string.h"
#include "mm/mm.h"

#define LENGTH_MAX INT64_MAX

/* Can a position tell where `length` bytes from `position` on end? */
static bool file_reaches(const struct file *file, uint64_t position, uint64_t length)
{
    return length > USER_END || position + length <= LENGTH_MAX ||
           file->inode->operations->seek == SEEK_ADDRESS;
}

/* What is wrong with the file, and with the memory, is told before what is with the position. */
static long file_move(struct file *file, uint64_t buffer, uint64_t length, bool write,
                      uint64_t *position)
{
    bool reaches = file_reaches(file, *position, length);
    uint64_t part = reaches ? length : 0;
    long done = write ? file_write(file, (const void __user *)buffer, part, position)
                      : file_read(file, (void __user *)buffer, part, position);
    return reaches || done < 0 ? done : -EINVAL;
}

/* With the file's position to itself. */
static __attribute__((noinline)) long file_move_on(struct file *file, uint64_t buffer,
                                                   uint64_t length, bool write)
{
    long done = mutex_lock(&file->position_lock);

    if (done)
        return done;
    done = file_move(file, buffer, length, write, &file->position);
    mutex_unlock(&file->position_lock);
    return done;
}

static inline __attribute__((always_inline)) long move_call(int fd, uint64_t buffer,
                                                            uint64_t length, bool write)
{
    struct file *file = descriptor_hold(fd);
    long done;

    if (!file)
        return -EBADF;
    if (file->inode->seekable)
        done = file_move_on(file, buffer, length, write);
    else if (write)
        done = file_write(file, (const void __user *)buffer, length, &file->position);
    else
        done = file_read(file, (void __user *)buffer, length, &file->position);
    file_release(file);
    return done;
}

SYSCALL(read, int fd, uint64_t buffer, uint64_t length)
{
    return move_call(fd, buffer, length, false);
}

SYSCALL(write, int fd, uint64_t buffer, uint64_t length)
{
    return move_call(fd, buffer, length, true);
}

/* Reading and writing at a position leaves the file's own alone. The position is looked at before
 * the file. -EINVAL, -EBADF, -ESPIPE. */
static long file_hold_at(int fd, uint64_t position, struct file **held)
{
    if (position > LENGTH_MAX)
        return -EINVAL;
    struct file *file = *held = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    if (file->inode->seekable)
        return 0;
    file_release(file);
    return -ESPIPE;
}

static long move_at(int fd, uint64_t buffer, uint64_t length, bool write, uint64_t position)
{
    struct file *file;
    long done = file_hold_at(fd, position, &file);

    if (done)
        return done;
    done = file_move(file, buffer, length, write, &position);
    file_release(file);
    return done;
}

SYSCALL(pread64, int fd, uint64_t buffer, uint64_t length, uint64_t offset)
{
    return move_at(fd, buffer, length, false, offset);
}

SYSCALL(pwrite64, int fd, uint64_t buffer, uint64_t length, uint64_t offset)
{
    return move_at(fd, buffer, length, true, offset);
}

/* --- Several pieces of memory ------------------------------------------------------------- */

static long file_transfer(struct file *file, const struct linux_iovec *piece, bool write,
                          uint64_t *position)
{
    if (write)
        return file_write_part(file, (const void __user *)piece->base, piece->length,
                               position);
    return file_read_part(file, (void __user *)piece->base, piece->length, position);
}

/* A read that has got something must not wait for more. */
static bool file_would_wait(struct file *file, bool write)
{
    return !write && !file->inode->seekable && !(file_ready(file) & POLLIN);
}

static bool file_takes_whole(const struct file *file, const struct pieces *pieces,
                             bool write)
{
    return write && file->inode->operations->whole && pieces->total <= PIPE_ATOMIC;
}

static long file_transfer_pieces(struct file *file, const struct pieces *pieces, bool write,
                                 uint64_t *position)
{
    long done = 0;

    for (unsigned i = 0; i < pieces->count; i++) {
        const struct linux_iovec *piece = piece_at(pieces, i);
        if (!piece->length)
            continue;
        if (done && file_would_wait(file, write))
            break;
        long part = file_transfer(file, piece, write, position);
        if (part < 0 && (!done || file_takes_whole(file, pieces, write)))
            return part;
        done += part > 0 ? part : 0;
        if (part < (long)piece->length)
            break;
    }
    return done;
}

void pieces_give(struct pieces *pieces)
{
    for (unsigned i = 0; i < ARRAY_SIZE(pieces->part); i++)
        if (pieces->part[i] && pieces->part[i] != pieces->few)
            heap_give(pieces->part[i], PAGE_SIZE);
}

static long pieces_check(struct pieces *pieces)
{
    pieces->total = 0;
    for (unsigned i = 0; i < pieces->count; i++) {
        uint64_t length = piece_at(pieces, i)->length;
        if (length > LENGTH_MAX)
            return -EINVAL;
        pieces->total = pieces->total > LENGTH_MAX ? pieces->total : pieces->total + length;
    }
    return 0;
}

static bool pieces_are_ours(const struct pieces *pieces)
{
    for (unsigned i = 0; i < pieces->count; i++)
        if (!user_range_ok(piece_at(pieces, i)->base, piece_at(pieces, i)->length))
            return false;
    return true;
}

/* The vector is longer than a page of the kernel's can be: it is copied a page at a time. */
static long pieces_copy_in(struct pieces *pieces, uint64_t vector)
{
    for (unsigned at = 0; at < pieces->count; at += IOVEC_PAGE) {
        unsigned left = pieces->count - at, count = left < IOVEC_PAGE ? left : IOVEC_PAGE;
        struct linux_iovec *part =
            left == pieces->count && left <= IOVEC_FEW ? pieces->few : heap_take(PAGE_SIZE);
        pieces->part[at / IOVEC_PAGE] = part;
        if (!part)
            return -ENOMEM;
        if (copy_from_user(part, (const void __user *)(vector + at * sizeof(*part)),
                           count * sizeof(*part)))
            return -EFAULT;
    }
    return 0;
}

long pieces_take_foreign(struct pieces *pieces, uint64_t vector, uint64_t count)
{
    if (count > IOVEC_MAX)
        return -EINVAL;
    pieces->count = count;
    memset(pieces->part, 0, sizeof(pieces->part));
    long error = pieces_copy_in(pieces, vector);
    if (!error)
        error = pieces_check(pieces);
    if (error)
        pieces_give(pieces);
    return error;
}

long pieces_take(struct pieces *pieces, uint64_t vector, uint64_t count)
{
    long error = pieces_take_foreign(pieces, vector, count);
    if (!error && count == 1 && pieces->total > TRANSFER_MAX) /* as Linux: only of one */
        pieces->total = pieces->few[0].length = TRANSFER_MAX;
    if (!error && !pieces_are_ours(pieces)) {
        pieces_give(pieces);
        error = -EFAULT;
    }
    return error;
}

/* A number is read as one, whatever pieces it comes to lie in. */
static long number_read_pieces(struct file *file, const struct pieces *pieces)
{
    uint64_t number;
    size_t done = 0;
    long error = pieces->total < sizeof(number) ? -EINVAL : number_take(file, &number);

    for (unsigned i = 0; !error && done < sizeof(number); i++) {
        const struct linux_iovec *piece = piece_at(pieces, i);
        size_t left = sizeof(number) - done;
        size_t part = piece->length < left ? piece->length : left;
        if (copy_to_user((void __user *)piece->base, (char *)&number + done, part))
            error = -EFAULT;
        done += part;
    }
    return error ? error : (long)done;
}

/* `append`: at the end, wherever that is when nobody else writes. */
static long file_transfer_vector(struct file *file, const struct pieces *pieces, bool write,
                                 bool append, uint64_t *position)
{
    if (!pieces->total)
        return 0;
    if (!write && file->inode->operations->take)
        return number_read_pieces(file, pieces);
    if (!file_reaches(file, *position, pieces->total))
        return -EINVAL;
    long done = write ? file_write_begin(file, pieces->total)
                      : file_read_begin(file, pieces->total);
    if (done)
        return done;
    if (append && file->inode->object)
        *position = file->inode->object->size;
    done = file_transfer_pieces(file, pieces, write, position);
    if (write)
        file_write_end(file);
    else
        file_read_end(file);
    return done;
}

/* Files are in memory and nowhere else, so what has to be written through is (RWF_DSYNC, RWF_SYNC),
 * and nothing is waited for more eagerly (RWF_HIPRI). */
enum { RWF_HIPRI = 1, RWF_DSYNC = 2, RWF_SYNC = 4, RWF_APPEND = 16 };

/* At the file's own position if `at` is NULL. What the flags ask for is looked at last. */
static long vector_call(int fd, uint64_t vector, uint32_t count, bool write, uint64_t *at,
                        uint32_t flags)
{
    struct file *file;
    struct pieces pieces;
    long done = at ? file_hold_at(fd, *at, &file) : descriptor_hold_position(fd, &file);

    if (done)
        return done;
    done = file_check(file, write);
    if (!done)
        done = pieces_take(&pieces, vector, count);
    if (!done) {
        if (pieces.total && (flags & ~(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_APPEND)))
            done = -EOPNOTSUPP;
        else
            done = file_transfer_vector(file, &pieces, write, write && (flags & RWF_APPEND),
                                        at ? at : &file->position);
        pieces_give(&pieces);
    }
    if (!at)
        file_position_unlock(file);
    file_release(file);
    return done;
}

SYSCALL(readv, int fd, uint64_t vector, uint32_t count)
{
    return vector_call(fd, vector, count, false, NULL, 0);
}

SYSCALL(writev, int fd, uint64_t vector, uint32_t count)
{
    return vector_call(fd, vector, count, true, NULL, 0);
}

SYSCALL(preadv, int fd, uint64_t vector, uint32_t count, uint64_t offset)
{
    return vector_call(fd, vector, count, false, &offset, 0);
}

SYSCALL(pwritev, int fd, uint64_t vector, uint32_t count, uint64_t offset)
{
    return vector_call(fd, vector, count, true, &offset, 0);
}

/* A position of -1 is the file's own; its upper half is for machines of 32 bits. */
SYSCALL(preadv2, int fd, uint64_t vector, uint32_t count, uint64_t offset, uint64_t high,
        uint32_t flags)
{
    uint64_t *at = offset == UINT64_MAX ? NULL : &offset;
    return vector_call(fd, vector, count, false, at, flags);
}

SYSCALL(pwritev2, int fd, uint64_t vector, uint32_t count, uint64_t offset, uint64_t high,
        uint32_t flags)
{
    uint64_t *at = offset == UINT64_MAX ? NULL : &offset;
    return vector_call(fd, vector, count, true, at, flags);
}

/* --- Position --------------------------------------------------------------------- */

static uint64_t file_size(const struct file *file)
{
    return file->inode->object ? file->inode->object->size : 0;
}

/* The next page of contents from `offset` on, or of none; the last hole is behind the end. */
static int64_t file_seek_contents(const struct file *file, int64_t offset, bool contents)
{
    struct object *object = file->inode->object;
    int64_t size = file_size(file);

    if (offset < 0 || offset >= size)
        return -ENXIO;
    int64_t found = PAGE_SIZE * object_find_contents(object, offset / PAGE_SIZE, contents);
    if (found < size)
        return found > offset ? found : offset;
    return contents ? -ENXIO : size;
}

/* Where `offset` leads, or -errno. */
static int64_t file_seek(const struct file *file, int64_t offset, uint64_t whence)
{
    int64_t size = file_size(file), base = 0;

    if (file->inode->operations->seek == SEEK_NO_END && whence > SEEK_CUR)
        return -EINVAL;
    switch (whence) {
    case SEEK_SET:
        break;
    case SEEK_CUR:
        base = file->position;
        break;
    case SEEK_END:
        base = size;
        break;
    case SEEK_DATA:
    case SEEK_HOLE:
        return file_seek_contents(file, offset, whence == SEEK_DATA);
    default:
        return -EINVAL;
    }
    int64_t position;
    return __builtin_add_overflow(base, offset, &position) || position < 0 ? -EINVAL
                                                                           : position;
}

/* Any number is an address; one that looks like an error is told all the same. */
static int64_t file_seek_address(struct file *file, uint64_t offset, uint64_t whence)
{
    if (whence > SEEK_CUR)
        return -EINVAL;
    file->position = whence == SEEK_SET ? offset : file->position + offset;
    return file->position;
}

static int64_t file_seek_any(struct file *file, uint64_t offset, uint64_t whence)
{
    if (whence > SEEK_HOLE)
        return -EINVAL;
    enum seek seek = file->inode->operations->seek;
    if (seek == SEEK_NOWHERE)
        return 0;
    if (!file->inode->seekable)
        return -ESPIPE;
    if (inode_type(file->inode) == S_IFCHR)
        return 0; /* the same bytes everywhere */
    if (seek == SEEK_ADDRESS)
        return file_seek_address(file, offset, whence);
    int64_t position = file_seek(file, offset, whence);
    if (position >= 0)
        file->position = position;
    return position;
}

SYSCALL(lseek, int fd, uint64_t offset, uint32_t whence)
{
    struct file *file;
    int64_t position = descriptor_hold_position(fd, &file);

    if (position)
        return position;
    position = file_seek_any(file, offset, whence);
    descriptor_release_position(file);
    return position;
}
