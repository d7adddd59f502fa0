/* kernel/linux/size.c - how long a file is: truncate, ftruncate, fallocate. */
#include "kernel/file/regular.h"
#include "kernel/file/writers.h"
#include "kernel/linux/descriptors.h"

static long inode_truncate(struct inode *inode, int64_t size)
{
    if (size < 0)
        return -EINVAL;
    if (inode_is_directory(inode))
        return -EISDIR;
    if (inode->operations->resize)
        return inode->operations->resize(inode, size, RESIZE_ANY);
    return inode_type(inode) == S_IFREG ? 0 : -EINVAL; /* in vain: it has no size */
}

SYSCALL(truncate, uint64_t path, uint64_t size)
{
    struct inode *inode;
    int error = (int64_t)size < 0 ? -EINVAL : path_find_user(AT_FDCWD, path, 0, &inode);

    if (error)
        return error;
    long result = writers_enter(inode);
    if (result == 0) {
        result = inode_truncate(inode, size);
        writers_leave(inode);
    }
    inode_release(inode);
    return result;
}

SYSCALL(ftruncate, int fd, uint64_t size)
{
    if ((int64_t)size < 0)
        return -EINVAL;
    struct file *file = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    long result = file_may_write(file) ? inode_truncate(file->inode, size) : -EINVAL;
    file_release(file);
    return result;
}

#define FALLOC_FL_KEEP_SIZE  1u
#define FALLOC_FL_PUNCH_HOLE 2u
#define FALLOCATE_MODES      0x7bu /* that any file can do */

/* Memory is promised, never set aside: what remains of fallocate is that the file grows, and
 * that holes can be made in it. */
static long file_allocate(const struct file *file, uint32_t mode, int64_t offset,
                          int64_t length)
{
    uint32_t kind = mode & ~FALLOC_FL_KEEP_SIZE;
    int64_t end;

    if (offset < 0 || length <= 0)
        return -EINVAL;
    if ((mode & ~FALLOCATE_MODES) || (kind & (kind - 1)) || mode == FALLOC_FL_PUNCH_HOLE)
        return -EOPNOTSUPP;
    if (!file_may_write(file))
        return -EBADF;
    uint32_t type = inode_type(file->inode);
    if (!file->inode->operations->resize)
        return type == S_IFREG ? -EOPNOTSUPP : type == S_IFIFO ? -ESPIPE : -ENODEV;
    if (__builtin_add_overflow(offset, length, &end) || (uint64_t)end > FILE_SIZE_MAX)
        return -EFBIG;
    if (kind & ~FALLOC_FL_PUNCH_HOLE)
        return -EOPNOTSUPP;
    if (kind)
        return regular_punch(file->inode, offset, end);
    return file->inode->operations->resize(
        file->inode, end, mode & FALLOC_FL_KEEP_SIZE ? RESIZE_KEEP : RESIZE_GROW);
}

SYSCALL(fallocate, int fd, uint32_t mode, uint64_t offset, uint64_t length)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    long result = file_allocate(file, mode, offset, length);
    file_release(file);
    return result;
}
