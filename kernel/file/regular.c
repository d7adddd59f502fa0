/* kernel/file/regular.c - reading and writing regular files.
 *
 * A file's contents are pages of its object, the same pages that mmap shows: so read() is
 * "make the page resident, pin it, copy from its frame". The copy may fault on the user's
 * side, even on the very page that is pinned; nothing the fault path takes is held.
 *
 * Writers exclude each other (inode_lock): O_APPEND appends, and writes do not mix. A file that
 * grows has its new bytes first and then its new size: readers, who take no lock, never see
 * what was only made room for. */
#include "kernel/file/regular.h"
#include "arch/mmu.h"
#include "arch/user.h"
#include "kernel/file/file.h"
#include "kernel/process/limit.h"
#include "kernel/process/thread.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define PAGES_AT_ONCE 16u

/* How much of `left` bytes from `at` on lies in one page. */
static size_t regular_part(uint64_t at, size_t left)
{
    size_t room = PAGE_SIZE - at % PAGE_SIZE;

    return left < room ? left : room;
}

/* Every few pages: whoever copies much lets others run. */
static void regular_rest(uint64_t at)
{
    if (at % (PAGES_AT_ONCE * PAGE_SIZE) == 0)
        thread_breathe();
}

static long regular_read(struct file *file, void __user *buffer, size_t length,
                         uint64_t *position)
{
    struct object *object = file->inode->object;
    size_t done = 0, missed = 0;
    int error = 0;

    while (done < length && *position < object->size && !missed) {
        uint64_t at = *position, left = object->size - at;
        size_t part = regular_part(at, left < length - done ? left : length - done);
        frame_t frame;

        error = object_pin_to_read(object, at / PAGE_SIZE, &frame);
        if (error)
            break;
        missed = copy_to_user((char __user *)buffer + done,
                              (char *)frame_data(frame) + at % PAGE_SIZE, part);
        object_unpin(frame, false);
        done += part - missed;
        *position = at + part - missed;
        regular_rest(*position);
    }
    if (missed && !error)
        error = -EFAULT;
    return done ? (long)done : error;
}

/* Copy into pages, which may lie behind the file's end. */
static long regular_fill(struct object *object, const void __user *buffer, size_t length,
                         uint64_t at)
{
    size_t done = 0, missed = 0;

    while (done < length && !missed) {
        size_t part = regular_part(at + done, length - done);
        uint64_t index = (at + done) / PAGE_SIZE;
        frame_t frame;
        int error = object_pin_gently(object, index, &frame);

        /* Files are in memory: a full disk is a full memory, and the writer is told so
         * before anybody's process has to end for it. */
        if (error)
            return done ? (long)done : error == -ENOMEM ? -ENOSPC : error;
        missed = file_fetch((char *)frame_data(frame) + (at + done) % PAGE_SIZE,
                            (const char __user *)buffer + done, part);
        object_unpin(frame, missed < part);
        done += part - missed;
        regular_rest(at + done);
    }
    return done || !missed ? (long)done : -EFAULT;
}

static int regular_write_begin(struct file *file, size_t length __attribute__((unused)))
    TRY_ACQUIRES(0, file->inode->contents)
{
    return inode_lock(file->inode);
}

static void regular_write_end(struct file *file) RELEASES(file->inode->contents)
{
    inode_unlock(file->inode);
}

/* The inode is locked. */
static long regular_write_part(struct file *file, const void __user *buffer, size_t length,
                               uint64_t *position)
{
    struct object *object = file->inode->object;
    uint64_t before = object->size;

    if (file->flags & O_APPEND)
        *position = before;
    uint64_t at = *position;
    if (at >= FILE_SIZE_MAX)
        return -EFBIG;
    int error = limit_file_write(at, &length);
    if (error)
        return error;
    if (length > FILE_SIZE_MAX - at)
        length = FILE_SIZE_MAX - at;
    bool grows = (file->inode->seals & F_SEAL_GROW) && at + length > before;
    if ((file->inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) ||
        (grows && at >= PAGE_ROUND_DOWN(before)))
        return -EPERM;
    if (grows) /* whole pages that lie in it are written, as on Linux */
        length = PAGE_ROUND_DOWN(before) - at;
    long done = regular_fill(object, buffer, length, at);
    uint64_t end = at + (done > 0 ? done : 0);
    if (done > 0) {
        *position = end;
        inode_modified(file->inode);
    }
    if (done > 0 && end > before)
        LEAVE_OUT(object_resize(object, end)); /* growing does not fail */
    if (done < (long)length) /* pages behind the end that came for nothing */
        object_drop(object, PAGE_ROUND_UP(object->size) / PAGE_SIZE, UINT32_MAX);
    return done;
}

static int regular_resize(struct inode *inode, uint64_t size, enum resize how)
{
    int error = inode_lock(inode);
    if (error)
        return error;
    uint64_t before = inode->object->size;
    bool stays =
        size == before || how == RESIZE_KEEP || (how == RESIZE_GROW && size < before);
    if (size > before)
        error = limit_file_write(size - 1, &(size_t){1});
    if (!error && size > FILE_SIZE_MAX)
        error = -EFBIG;
    if (!error && ((inode->seals & F_SEAL_GROW && size > before) ||
                   (inode->seals & F_SEAL_SHRINK && size < before && how == RESIZE_ANY)))
        error = -EPERM;
    if (!error && !stays)
        error = object_resize(inode->object, size);
    inode_unlock(inode);
    if (!error)
        inode_modified(inode);
    return error;
}

int regular_punch(struct inode *inode, uint64_t start, uint64_t end)
{
    int error = inode_lock(inode);

    if (error)
        return error;
    error = inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)
                ? -EPERM
                : object_punch(inode->object, start, end);
    inode_unlock(inode);
    inode_modified(inode);
    return error;
}

/* A mapping may keep the object longer than anybody keeps the file. */
static void regular_destroy(struct inode *inode)
{
    object_belongs(inode->object, NULL);
    object_release(inode->object);
}

const struct inode_operations regular_operations = {
    .read = regular_read,
    .write = file_write_whole,
    .fetches = true,
    .write_begin = regular_write_begin,
    .write_part = regular_write_part,
    .write_end = regular_write_end,
    .resize = regular_resize,
    .destroy = regular_destroy,
};
