/* kernel/file/file.c - opening a file, and what every kind of file has in common.
 *
 * Here stand the checks that do not depend on what the file is: may it be read, may it be
 * written, does the buffer lie in user memory at all. What then happens is the business of
 * the inode's operations. */
#include "kernel/file/file.h"
#include "arch/mmu.h"
#include "arch/user.h"
#include "kernel/file/file_lock.h"
#include "kernel/file/file_system.h"
#include "kernel/file/owner.h"
#include "kernel/file/unnamed.h"
#include "kernel/file/writers.h"
#include "kernel/process/thread.h"
#include "lib/errno.h"
#include "mm/mm.h"

const char poll_channel;
uint32_t poll_sleepers;
uint64_t poll_changes;

static struct slab_cache file_cache = SLAB_CACHE("file", struct file);

void poll_wake_sleepers(void)
{
    thread_wake(&poll_channel);
}

int file_open_inode(struct inode *inode, uint32_t flags, struct file **opened)
{
    struct file *file = slab_take(&file_cache);

    if (!file)
        return -ENOMEM;
    file->references = 1;
    file->inode = inode;
    file->flags = flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
    inode_hold(inode);
    if (inode->operations->open && !(flags & O_PATH)) {
        file->flags |= flags & O_NOCTTY;
        int error = inode->operations->open(file);
        if (error) {
            inode_release(inode);
            slab_give(&file_cache, file);
            return error;
        }
    }
    *opened = file;
    return 0;
}

/* Make the file that open was asked to make, where the walk found no such name. */
static int file_create(struct place *place, uint32_t flags, uint32_t mode)
{
    struct inode *directory = place->directory;

    if (!(flags & O_CREAT))
        return -ENOENT;
    if (!directory->operations->create)
        return -ENOENT; /* there can be no such file */
    int error = inode_may_change(directory);
    if (error)
        return error;
    return directory->operations->create(directory, place->name,
                                         S_IFREG | (mode & MODE_RIGHTS), 0, &place->inode);
}

/* What open(2) refuses about a file that is there. */
static int file_check_open(const struct inode *inode, uint32_t flags)
{
    bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

    if ((flags & O_DIRECTORY) && !inode_is_directory(inode))
        return -ENOTDIR;
    if (flags & O_PATH)
        return 0;
    if (inode_type(inode) == S_IFLNK)
        return -ELOOP;
    if (inode_is_directory(inode) && (writes || (flags & O_CREAT)))
        return -EISDIR;
    if (inode_is_device(inode) && (inode->file_system->flags & MS_NODEV))
        return -EACCES;
    /* a pair, a counter, a set: its one opening was its making; a FIFO has many */
    if (inode->operations->told_as && inode_type(inode) != S_IFIFO)
        return -ENXIO;
    /* there is no copy to go around; and a FIFO that has bytes cannot become one of packets */
    return (flags & O_DIRECT) && !inode->object ? -EINVAL : 0;
}

/* Open what the walk found or made. Cutting a file is writing, even where it is then only read. */
static int file_open_found(struct inode *inode, uint32_t flags, struct file **opened)
{
    bool regular = inode_type(inode) == S_IFREG && !(flags & O_PATH);
    bool cuts = regular && (flags & O_TRUNC), writes = flags_may_write(flags);
    bool enters = regular && (writes || cuts);
    int error = enters ? writers_enter(inode) : 0;
    if (error)
        return error;
    if (cuts && inode->operations->resize)
        error = inode->operations->resize(inode, 0, RESIZE_ANY);
    if (!error)
        error = file_open_inode(inode, flags, opened);
    if (enters && !error && writes)
        (*opened)->writes = true;
    else if (enters)
        writers_leave(inode);
    return error;
}

int file_open(struct inode *base, const char *path, uint32_t flags, uint32_t mode,
              struct file **opened)
{
    struct place place;
    bool exclusive = (flags & O_CREAT) && (flags & O_EXCL);
    unsigned walk = (exclusive || (flags & O_NOFOLLOW) ? RESOLVE_NO_FOLLOW : 0) |
                    (flags & O_CREAT ? RESOLVE_CREATE : 0);
    int error = path_walk(base, path, walk, &place);

    if (error)
        return error;
    if (!place.inode) {
        error = file_create(&place, flags, mode);
    } else if (exclusive) {
        error = -EEXIST;
    } else {
        error = file_check_open(place.inode, flags);
    }
    if (!error)
        error = file_open_found(place.inode, flags, opened);
    path_leave(&place);
    return error;
}

void file_end(struct file *file)
{
    struct inode *inode = file->inode;
    if (file->entries)
        epoll_forget(file);
    if (file->owner)
        owner_forget(file);
    if (inode->locks)
        file_lock_forget(inode, file);
    if (inode->operations->close && !(file->flags & O_PATH))
        inode->operations->close(file);
    if (file->writes)
        writers_leave(inode);
    slab_give(&file_cache, file);
    inode_release(inode);
}

/* Of so many bytes that somebody asked for, those that one call moves. All of them must be a
 * program's: it is told of a wrong length, and no part of it is moved. */
static size_t transfer(size_t length)
{
    return length < TRANSFER_MAX ? length : TRANSFER_MAX;
}

long file_read(struct file *file, void __user *buffer, size_t length, uint64_t *position)
{
    const struct inode *inode = file->inode;
    int error = file_check(file, false);

    if (error)
        return error;
    if (!user_range_ok((uintptr_t)buffer, length))
        return -EFAULT;
    if (!inode->operations->read)
        return -EISDIR;
    return inode->operations->read(file, buffer, transfer(length), position);
}

int file_read_begin(struct file *file, size_t length)
{
    const struct inode_operations *operations = file->inode->operations;

    return operations->read_begin ? operations->read_begin(file, length) : 0;
}

void file_read_end(struct file *file)
{
    if (file->inode->operations->read_end)
        file->inode->operations->read_end(file);
}

long file_read_part(struct file *file, void __user *buffer, size_t length,
                    uint64_t *position)
{
    const struct inode_operations *operations = file->inode->operations;

    if (!operations->read_part)
        return file_read(file, buffer, length, position);
    if (!user_range_ok((uintptr_t)buffer, length))
        return -EFAULT;
    return operations->read_part(file, buffer, length, position);
}

int file_write_begin(struct file *file, size_t length)
{
    const struct inode_operations *operations = file->inode->operations;

    return operations->write_begin ? operations->write_begin(file, length) : 0;
}

void file_write_end(struct file *file)
{
    if (file->inode->operations->write_end)
        file->inode->operations->write_end(file);
}

long file_write_whole(struct file *file, const void __user *buffer, size_t length,
                      uint64_t *position)
{
    const struct inode_operations *operations = file->inode->operations;

    if (!length)
        return 0;
    long result = operations->write_begin(file, length);
    if (result)
        return result;
    result = operations->write_part(file, buffer, length, position);
    operations->write_end(file);
    return result;
}

long file_write_part(struct file *file, const void __user *buffer, size_t length,
                     uint64_t *position)
{
    const struct inode_operations *operations = file->inode->operations;

    if (!user_range_ok((uintptr_t)buffer, length))
        return -EFAULT;
    length = transfer(length);
    if (operations->write_part)
        return operations->write_part(file, buffer, length, position);
    return operations->write(file, buffer, length, position);
}

long file_write(struct file *file, const void __user *buffer, size_t length,
                uint64_t *position)
{
    int error = file_check(file, true);

    if (error)
        return error;
    if (!user_range_ok((uintptr_t)buffer, length))
        return -EFAULT;
    return file->inode->operations->write(file, buffer, transfer(length), position);
}

long file_write_kernel(struct file *file, const void *bytes, size_t length,
                       uint64_t *position)
{
    const struct inode_operations *operations = file->inode->operations;

    if (!file_may_write(file))
        return -EBADF;
    if (!operations->fetches)
        return -EINVAL;
    return operations->write(file, (const void __user *)(uintptr_t)bytes, length, position);
}

struct news file_news(struct file *file, bool writing)
{
    if (file->inode->operations->news)
        return file->inode->operations->news(file, writing);
    return (struct news){0, poll_changes};
}

unsigned file_ready(struct file *file)
{
    if (!file->inode->operations->ready)
        return POLLIN | POLLOUT;
    return file->inode->operations->ready(file);
}

long file_read_kernel(struct inode *inode, void *buffer, size_t length, uint64_t position)
{
    struct object *object = inode->object;
    size_t done = 0;

    if (!object)
        return -EINVAL;
    while (done < length && position + done < object->size) {
        uint64_t at = position + done;
        size_t offset = at % PAGE_SIZE, part = PAGE_SIZE - offset;
        frame_t frame;

        if (part > length - done)
            part = length - done;
        if (part > object->size - at)
            part = object->size - at;
        int error = object_pin_to_read(object, at / PAGE_SIZE, &frame);
        if (error)
            return error;
        memory_copy((char *)buffer + done, (char *)frame_data(frame) + offset, part);
        object_unpin(frame, false);
        done += part;
    }
    return done;
}
