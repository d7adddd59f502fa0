/* kernel/linux/stat.c - what a file is: kind, size, owner, rights, times.
 *
 * There is one user, root, and every process is root's: so owners and rights are kept and
 * shown, and the only right that is ever refused is to run what nobody may run. */
#include "arch/user.h"
#include "kernel/file/memory_fs.h"
#include "kernel/linux/descriptors.h"
#include "kernel/linux/time.h"
#include "kernel/process/capacity.h"
#include "lib/string.h"
#include "mm/mm.h"

#define BLOCK      512u
#define RIGHTS_ANY 0111u /* x for owner, group or others */

static uint64_t inode_size(struct inode *inode)
{
    if (inode->object)
        return inode->object->size;
    if (inode_is_directory(inode))
        return inode_is_in_memory(inode) ? PAGE_SIZE : 0;
    if (inode_type(inode) == S_IFLNK && inode_is_in_memory(inode))
        return strlen(inode->data);
    return 0;
}

/* Bytes it occupies: on the image's disk, or in pages of its own. */
static uint64_t inode_occupied(const struct inode *inode)
{
    if (!inode->object)
        return 0;
    uint64_t memory = inode->object->page_count * PAGE_SIZE;
    uint64_t disk = PAGE_ROUND_UP(inode->object->backed);
    return memory > disk ? memory : disk;
}

static long stat_give(struct inode *inode, uint64_t to)
{
    struct linux_stat stat = {
        .device = inode->file_system->number,
        .inode = inode->number,
        .links = inode->links,
        .mode = inode->mode,
        .owner = inode->owner,
        .group = inode->group,
        .node = inode->device,
        .size = inode_size(inode),
        .block_size = PAGE_SIZE,
        .blocks = inode_occupied(inode) / BLOCK,
        .accessed = timespec_of(inode->accessed),
        .modified = timespec_of(inode->modified),
        .changed = timespec_of(inode->changed),
    };

    return copy_to_user((void __user *)to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

static long stat_call(int fd, uint64_t path, uint64_t to, unsigned flags)
{
    struct inode *inode;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
        return -EINVAL;
    int error = path_find_user(fd, path, flags, &inode);
    if (error)
        return error;
    long result = stat_give(inode, to);
    inode_release(inode);
    return result;
}

SYSCALL(stat, uint64_t path, uint64_t buffer)
{
    return stat_call(AT_FDCWD, path, buffer, 0);
}

SYSCALL(lstat, uint64_t path, uint64_t buffer)
{
    return stat_call(AT_FDCWD, path, buffer, AT_SYMLINK_NOFOLLOW);
}

SYSCALL(newfstatat, int directory, uint64_t path, uint64_t buffer, uint32_t flags)
{
    return stat_call(directory, path, buffer, flags);
}

SYSCALL(fstat, int fd, uint64_t buffer)
{
    struct file *file = descriptor_named(fd);

    if (!file)
        return -EBADF;
    long result = stat_give(file->inode, buffer);
    file_release(file);
    return result;
}

/* --- statx: the same in a wider form ---------------------------------------------------------- */

#define STATX_BASIC_STATS     0x7ffu /* all that stat tells */
#define STATX_MNT_ID          0x1000u
#define STATX_ATTR_MOUNT_ROOT 0x2000u
#define AT_STATX_SYNC_TYPE    0x6000u
#define STATX__RESERVED       0x80000000u

static struct linux_statx_time time_split_wide(uint64_t ns)
{
    return (struct linux_statx_time){ns / NS_PER_SECOND, ns % NS_PER_SECOND, 0};
}

static long statx_give(struct inode *inode, uint64_t to)
{
    struct linux_statx stat = {
        .mask = STATX_BASIC_STATS | STATX_MNT_ID,
        .block_size = PAGE_SIZE,
        .links = inode->links,
        .owner = inode->owner,
        .group = inode->group,
        .mode = inode->mode,
        .inode = inode->number,
        .size = inode_size(inode),
        .blocks = inode_occupied(inode) / BLOCK,
        .accessed = time_split_wide(inode->accessed),
        .changed = time_split_wide(inode->changed),
        .modified = time_split_wide(inode->modified),
        .node_major = inode->device >> 8,
        .node_minor = inode->device & 0xff,
        .device_minor = inode->file_system->number,
        .mount = inode->file_system->number,
        .attributes = inode == inode->file_system->root ? STATX_ATTR_MOUNT_ROOT : 0,
        .attributes_mask = STATX_ATTR_MOUNT_ROOT,
    };

    return copy_to_user((void __user *)to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

SYSCALL(statx, int directory, uint64_t path, uint32_t flags, uint32_t wanted,
        uint64_t buffer)
{
    struct inode *inode;

    if ((flags &
         ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) ||
        (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE || (wanted & STATX__RESERVED))
        return -EINVAL;
    int error = path_find_user(directory, path, flags, &inode);
    if (error)
        return error;
    long result = statx_give(inode, buffer);
    inode_release(inode);
    return result;
}

/* --- File systems ----------------------------------------------------------------------------- */

#define ST_VALID 0x20 /* the flags say something */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* How many more there may be. */
static uint64_t room(uint64_t most, uint64_t taken)
{
    return most > taken ? most - taken : 0;
}

static long statfs_give(const struct inode *inode, uint64_t to)
{
    const struct file_system *tree = inode->file_system;
    struct linux_statfs stat = {.type = tree->magic,
                                .block_size = PAGE_SIZE,
                                .fragment_size = PAGE_SIZE,
                                .name_length = NAME_LENGTH_MAX,
                                .id = {(int32_t)tree->number},
                                .flags = tree->flags | ST_VALID};

    if (inode_is_in_memory(inode)) {
        stat.blocks = least(tree->store.most, object_stored_most);
        stat.free = stat.available = least(room(tree->store.most, tree->store.pages),
                                           room(object_stored_most, object_stored_pages));
        stat.files = capacity.names;
        stat.files_free = room(capacity.names, memory_names);
    }
    return copy_to_user((void __user *)to, &stat, sizeof(stat)) ? -EFAULT : 0;
}

SYSCALL(statfs, uint64_t path, uint64_t buffer)
{
    struct inode *inode;
    int error = path_find_user(AT_FDCWD, path, 0, &inode);

    if (error)
        return error;
    long result = statfs_give(inode, buffer);
    inode_release(inode);
    return result;
}

SYSCALL(fstatfs, int fd, uint64_t buffer)
{
    struct file *file = descriptor_named(fd);

    if (!file)
        return -EBADF;
    long result = statfs_give(file->inode, buffer);
    file_release(file);
    return result;
}

/* --- Rights --------------------------------------------------------------------------- */

#define ACCESS_MASK   7u
#define ACCESS_RUN    1u
#define ACCESS_CHANGE 2u

static long access_call(int fd, uint64_t path, uint64_t mode, unsigned flags)
{
    struct inode *inode;

    if (mode & ~(uint64_t)ACCESS_MASK)
        return -EINVAL;
    if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int error = path_find_user(fd, path, flags & ~AT_EACCESS, &inode);
    if (error)
        return error;
    if ((mode & ACCESS_CHANGE) && !inode_is_device(inode) && inode_may_change(inode))
        error = -EROFS;
    else if ((mode & ACCESS_RUN) && !inode_is_directory(inode) &&
             !(inode->mode & RIGHTS_ANY))
        error = -EACCES;
    inode_release(inode);
    return error;
}

SYSCALL(access, uint64_t path, uint32_t rights)
{
    return access_call(AT_FDCWD, path, rights, 0);
}

SYSCALL(faccessat, int directory, uint64_t path, uint32_t rights)
{
    return access_call(directory, path, rights, 0);
}

SYSCALL(faccessat2, int directory, uint64_t path, uint32_t rights, uint32_t flags)
{
    return access_call(directory, path, rights, flags);
}

/* Those of /proc are as they are. */
static long inode_set_rights(struct inode *inode, uint64_t mode)
{
    if (inode->file_system == &file_system_proc)
        return -EPERM;
    if (inode_may_change(inode))
        return -EROFS;
    if (inode_type(inode) == S_IFLNK)
        return -EOPNOTSUPP; /* a link by its descriptor, in /proc/self/fd: it has none */
    inode->mode = (inode->mode & S_IFMT) | (mode & MODE_RIGHTS);
    inode->changed = clock_real();
    return 0;
}

static long chmod_call(int fd, uint64_t path, uint64_t mode)
{
    struct inode *inode;
    int error = path_find_user(fd, path, 0, &inode);

    if (error)
        return error;
    long result = inode_set_rights(inode, mode);
    inode_release(inode);
    return result;
}

SYSCALL(chmod, uint64_t path, uint16_t mode)
{
    return chmod_call(AT_FDCWD, path, mode);
}

SYSCALL(fchmodat, int directory, uint64_t path, uint16_t mode)
{
    return chmod_call(directory, path, mode);
}

SYSCALL(fchmod, int fd, uint16_t mode)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    long result = inode_set_rights(file->inode, mode);
    file_release(file);
    return result;
}

SYSCALL(umask, uint32_t mask)
{
    struct directories *directories = process_current()->directories;
    uint32_t before = directories->umask;

    directories->umask = mask & 0777;
    return before;
}

/* -1 leaves the one as it is. A program that ran as its owner does so no more (S_ISGID without the
 * right to execute means something else). */
static int inode_set_owner(struct inode *inode, uint32_t owner, uint32_t group)
{
    if (inode_may_change(inode))
        return -EROFS;
    if (inode_type(inode) == S_IFREG)
        inode->mode &= ~(04000u | (inode->mode & 0010 ? 02000u : 0));
    if (owner != UINT32_MAX)
        inode->owner = owner;
    if (group != UINT32_MAX)
        inode->group = group;
    inode->changed = clock_real();
    return 0;
}

static long chown_call(int fd, uint64_t path, uint64_t owner, uint64_t group,
                       unsigned flags)
{
    struct inode *inode;

    if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int error = path_find_user(fd, path, flags, &inode);
    if (error)
        return error;
    error = inode_set_owner(inode, owner, group);
    inode_release(inode);
    return error;
}

SYSCALL(chown, uint64_t path, uint32_t user, uint32_t group)
{
    return chown_call(AT_FDCWD, path, user, group, 0);
}

SYSCALL(lchown, uint64_t path, uint32_t user, uint32_t group)
{
    return chown_call(AT_FDCWD, path, user, group, AT_SYMLINK_NOFOLLOW);
}

SYSCALL(fchownat, int directory, uint64_t path, uint32_t user, uint32_t group,
        uint32_t flags)
{
    return chown_call(directory, path, user, group, flags);
}

SYSCALL(fchown, int fd, uint32_t user, uint32_t group)
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    int error = inode_set_owner(file->inode, user, group);
    file_release(file);
    return error;
}
