/* kernel/linux/paths.c - calls that make, move and remove names.
 *
 * Most calls come in two forms, from the current directory and (…at) from any. The old form
 * is the new one with AT_FDCWD. */
#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "mm/mm.h"

/* Where the path begins, with a reference; NULL: where any path does. */
static int path_base(int fd, const char *path, struct inode **base)
{
    *base = NULL;
    if (fd == AT_FDCWD || path[0] == '/' || !path[0])
        return 0;
    *base = descriptor_inode(fd);
    if (!*base)
        return -EBADF;
    return inode_is_directory(*base) ? 0 : -ENOTDIR;
}

/* Apart from the calls, so that the path is off the stack when they go on. */
__attribute__((noinline)) int path_walk_user(int fd, uint64_t path, unsigned flags,
                                             struct place *place)
{
    char text[PATH_LENGTH_MAX];
    struct inode *base;
    long length = copy_string_from_user(text, (const char __user *)path, sizeof(text));

    if (length < 0)
        return length;
    int error = path_base(fd, text, &base);
    if (!error)
        error = path_walk(base, text, flags, place);
    inode_release(base);
    return error;
}

static int path_find_empty(int fd, struct inode **found)
{
    if (fd == AT_FDCWD)
        return path_find(NULL, ".", 0, found);
    *found = descriptor_inode(fd);
    return *found ? 0 : -EBADF;
}

int path_find_user(int fd, uint64_t path, unsigned at_flags, struct inode **found)
{
    struct place place;
    unsigned flags = at_flags & AT_SYMLINK_NOFOLLOW ? RESOLVE_NO_FOLLOW : 0;

    if (at_flags & AT_EMPTY_PATH) {
        char first;
        if (copy_from_user(&first, (const char __user *)path, 1))
            return -EFAULT;
        if (!first)
            return path_find_empty(fd, found);
    }
    int error = path_walk_user(fd, path, flags, &place);
    if (error)
        return error;
    *found = path_take(&place);
    return *found ? 0 : -ENOENT;
}

/* --- Making ----------------------------------------------------------------------------------- */

/* Find the place for a new name. -EEXIST: there is one already; -EROFS. Where the kernel alone
 * decides what there is, no name leads to anything else: -ENOENT (make_call and its kin). */
static int path_walk_new(int fd, uint64_t path, bool is_directory, struct place *place)
{
    int error = path_walk_user(fd, path, RESOLVE_NAME, place);

    if (error)
        return error;
    if (place->inode)
        error = -EEXIST;
    else if (place->must_be_directory && !is_directory)
        error = -ENOENT;
    else
        error = inode_may_change(place->directory);
    if (error)
        path_leave(place);
    return error;
}

static long make_call(int fd, uint64_t path, uint32_t mode, uint64_t device)
{
    struct place place;
    int error = path_walk_new(fd, path, (mode & S_IFMT) == S_IFDIR, &place);

    if (error)
        return error;
    const struct inode_operations *operations = place.directory->operations;
    mode &= ~process_current()->directories->umask;
    error = operations->create ? operations->create(place.directory, place.name, mode,
                                                    device, &place.inode)
                               : -ENOENT;
    path_leave(&place);
    return error;
}

SYSCALL(mkdir, uint64_t path, uint16_t mode)
{
    return make_call(AT_FDCWD, path, S_IFDIR | (mode & 01777), 0);
}

SYSCALL(mkdirat, int directory, uint64_t path, uint16_t mode)
{
    return make_call(directory, path, S_IFDIR | (mode & 01777), 0);
}

static long node_call(int fd, uint64_t path, uint32_t mode, uint64_t device)
{
    mode &= S_IFMT | MODE_RIGHTS;
    switch (mode & S_IFMT) {
    case 0:
        mode |= S_IFREG;
        break;
    case S_IFREG:
    case S_IFIFO:
    case S_IFCHR:
    case S_IFBLK:  /* there are none to open */
    case S_IFSOCK: /* the same */
        break;
    default:
        return (mode & S_IFMT) == S_IFDIR ? -EPERM : -EINVAL;
    }
    return make_call(fd, path, mode, device);
}

SYSCALL(mknod, uint64_t path, uint16_t mode, uint32_t device)
{
    return node_call(AT_FDCWD, path, mode, device);
}

SYSCALL(mknodat, int directory, uint64_t path, uint16_t mode, uint32_t device)
{
    return node_call(directory, path, mode, device);
}

static int symlink_at(const char *target, int fd, uint64_t path)
{
    struct place place;
    int error = path_walk_new(fd, path, false, &place);

    if (error)
        return error;
    const struct inode_operations *operations = place.directory->operations;
    error = operations->symlink ? operations->symlink(place.directory, place.name, target)
                                : -ENOENT;
    path_leave(&place);
    return error;
}

/* The target is looked at first. */
static long symlink_call(uint64_t target, int fd, uint64_t path)
{
    char *text = heap_take(PATH_LENGTH_MAX);
    if (!text)
        return -ENOMEM;
    long length = copy_string_from_user(text, (const char __user *)target, PATH_LENGTH_MAX);
    long error = length > 0 ? symlink_at(text, fd, path) : length ? length : -ENOENT;
    heap_give(text, PATH_LENGTH_MAX);
    return error;
}

SYSCALL(symlink, uint64_t target, uint64_t path)
{
    return symlink_call(target, AT_FDCWD, path);
}

SYSCALL(symlinkat, uint64_t target, int directory, uint64_t path)
{
    return symlink_call(target, directory, path);
}

static long link_call(int old_fd, uint64_t old, int fd, uint64_t path, unsigned flags)
{
    struct inode *inode;
    struct place place;
    unsigned follow = flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW;

    if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    int error = path_find_user(old_fd, old, follow | (flags & AT_EMPTY_PATH), &inode);
    if (error)
        return error;
    error = path_walk_new(fd, path, false, &place);
    if (!error) {
        const struct inode_operations *operations = place.directory->operations;
        error = operations->link ? operations->link(place.directory, place.name, inode)
                                 : -ENOENT;
        path_leave(&place);
    }
    inode_release(inode);
    return error;
}

SYSCALL(link, uint64_t old_path, uint64_t new_path)
{
    return link_call(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

SYSCALL(linkat, int old_directory, uint64_t old_path, int new_directory, uint64_t new_path,
        uint32_t flags)
{
    return link_call(old_directory, old_path, new_directory, new_path, flags);
}

/* --- Removing and moving ---------------------------------------------------------------------- */

/* What rmdir says of a path that ends in "/", "." or "..", without a name to remove. */
static int remove_nameless(const char *end)
{
    if (!end[0])
        return -EBUSY;
    return end[1] ? -ENOTEMPTY : -EINVAL;
}

static int remove_check(const struct place *place, bool is_directory)
{
    if (!place->named)
        return is_directory ? remove_nameless(place->name) : -EISDIR;
    if (inode_may_change(place->directory))
        return -EROFS;
    if (!place->inode)
        return -ENOENT;
    if (place->must_be_directory && !is_directory)
        return inode_is_directory(place->inode) ? -EISDIR : -ENOTDIR;
    return place->directory->operations->unlink ? 0 : -EPERM;
}

static long remove_call(int fd, uint64_t path, bool is_directory)
{
    struct place place;
    int error = path_walk_user(fd, path, RESOLVE_NAME, &place);

    if (error)
        return error;
    error = remove_check(&place, is_directory);
    if (!error) {
        inode_release(place.inode);
        place.inode = NULL;
        error =
            place.directory->operations->unlink(place.directory, place.name, is_directory);
    }
    path_leave(&place);
    return error;
}

SYSCALL(unlink, uint64_t path)
{
    return remove_call(AT_FDCWD, path, false);
}

SYSCALL(rmdir, uint64_t path)
{
    return remove_call(AT_FDCWD, path, true);
}

SYSCALL(unlinkat, int directory, uint64_t path, uint32_t flags)
{
    if (flags & ~AT_REMOVEDIR)
        return -EINVAL;
    return remove_call(directory, path, flags & AT_REMOVEDIR);
}

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE  2u

static int rename_check(const struct place *from, const struct place *to, unsigned flags)
{
    if (from->directory->file_system != to->directory->file_system)
        return -EXDEV;
    if (!from->named || (!to->named && !(flags & RENAME_NOREPLACE)))
        return -EBUSY;
    if (inode_may_change(from->directory))
        return -EROFS;
    if (!from->inode)
        return -ENOENT;
    if (to->inode && (flags & RENAME_NOREPLACE))
        return -EEXIST;
    if (!to->inode && (flags & RENAME_EXCHANGE))
        return -ENOENT;
    /* What a name with a slash stands for is a directory: of two that change places each its
     * own; else the one that moves, whichever name has the slash. */
    const struct inode *lands = flags & RENAME_EXCHANGE ? to->inode : from->inode;
    if ((from->must_be_directory && !inode_is_directory(from->inode)) ||
        (to->must_be_directory && !inode_is_directory(lands)))
        return -ENOTDIR;
    return from->directory->operations->rename ? 0 : to->inode ? -EPERM : -ENOENT;
}

static long rename_call(int old_fd, uint64_t old, int fd, uint64_t path, unsigned flags)
{
    struct place from, to;

    if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
        flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
        return -EINVAL;
    int error = path_walk_user(old_fd, old, RESOLVE_NAME, &from);
    if (error)
        return error;
    error = path_walk_user(fd, path, RESOLVE_NAME, &to);
    if (!error) {
        const struct inode_operations *operations = from.directory->operations;
        error = rename_check(&from, &to, flags);
        if (!error)
            error = (flags & RENAME_EXCHANGE ? operations->exchange : operations->rename)(
                from.directory, from.name, to.directory, to.name);
        path_leave(&to);
    }
    path_leave(&from);
    return error;
}

SYSCALL(rename, uint64_t old_path, uint64_t new_path)
{
    return rename_call(AT_FDCWD, old_path, AT_FDCWD, new_path, 0);
}

SYSCALL(renameat, int old_directory, uint64_t old_path, int new_directory,
        uint64_t new_path)
{
    return rename_call(old_directory, old_path, new_directory, new_path, 0);
}

SYSCALL(renameat2, int old_directory, uint64_t old_path, int new_directory,
        uint64_t new_path, uint32_t flags)
{
    return rename_call(old_directory, old_path, new_directory, new_path, flags);
}

/* --- Where am I ----------------------------------------------------------------------- */

static void path_change(struct inode **where, struct inode *to)
{
    struct inode *before = *where;

    *where = to;
    if (before)
        inode_release(before);
}

/* `where`: the process's root or current directory. The reference is used up. */
static long path_change_checked(struct inode **where, struct inode *to)
{
    if (!inode_is_directory(to)) {
        inode_release(to);
        return -ENOTDIR;
    }
    path_change(where, to);
    return 0;
}

SYSCALL(chdir, uint64_t path)
{
    struct inode *inode;
    int error = path_find_user(AT_FDCWD, path, 0, &inode);

    return error ? error
                 : path_change_checked(&process_current()->directories->working, inode);
}

SYSCALL(fchdir, int fd)
{
    struct inode *inode = descriptor_inode(fd);

    return inode ? path_change_checked(&process_current()->directories->working, inode)
                 : -EBADF;
}

SYSCALL(chroot, uint64_t path)
{
    struct inode *inode;
    int error = path_find_user(AT_FDCWD, path, 0, &inode);

    return error ? error
                 : path_change_checked(&process_current()->directories->root, inode);
}

SYSCALL(getcwd, uint64_t buffer, uint64_t size)
{
    struct inode *directory = process_current()->directories->working;
    long length = -ENOENT;
    char *text = heap_take(PATH_LENGTH_MAX);

    if (!text)
        return -ENOMEM;
    if (directory->links)
        length = path_of(directory, text, PATH_LENGTH_MAX);
    if (length >= 0) {
        length++;
        if ((uint64_t)length > size)
            length = -ERANGE;
        else if (copy_to_user((void __user *)buffer, text, length))
            length = -EFAULT;
    }
    heap_give(text, PATH_LENGTH_MAX);
    return length;
}
