/* kernel/linux/directory.c - reading directories and symbolic links. */
#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "lib/string.h"
#include "mm/mm.h"

#define COOKIE_FIRST 2u /* what comes after "." and ".." */

/* The entry at *position, which is advanced. 1, or 0 at the end, or -errno. */
static int directory_next(struct inode *directory, uint64_t *position,
                          struct entry_view *view)
{
    if (*position < COOKIE_FIRST) {
        const struct inode *inode = directory;
        if (*position == 1 && directory->parent)
            inode = directory->parent;
        memcpy(view->name, "..", 3);
        if (*position == 0)
            view->name[1] = 0;
        view->number = inode->number;
        view->mode = S_IFDIR;
        ++*position;
        return 1;
    }
    uint64_t cookie = *position - COOKIE_FIRST;
    int found = directory->operations->entry(directory, &cookie, view);
    *position = cookie + COOKIE_FIRST;
    return found;
}

/* Lay one entry down at `to`. Its length, 0 if there is no room, or -EFAULT. */
static long directory_give(const struct entry_view *view, uint64_t next, char __user *to,
                           size_t room)
{
    struct {
        struct linux_dirent head;
        char name[NAME_LENGTH_MAX + 1 + 8];
    } __attribute__((packed)) entry;
    size_t name = strlen(view->name) + 1;
    size_t length = (sizeof(entry.head) + name + 7) & ~7ul;

    if (length > room)
        return 0;
    memset(&entry, 0, length);
    entry.head = (struct linux_dirent){view->number, next, length,
                                       (view->mode & S_IFMT) >> 12}; /* DT_… */
    memcpy(entry.name, view->name, name);
    return copy_to_user(to, &entry, length) ? -EFAULT : (long)length;
}

static long directory_read(struct file *file, char __user *to, size_t size)
{
    long done = 0;

    for (;;) {
        struct entry_view view;
        uint64_t next = file->position;
        int found = directory_next(file->inode, &next, &view);

        if (found <= 0)
            return done ? done : found;
        long length = directory_give(&view, next, to + done, size - done);
        if (length == 0)
            return done ? done : -EINVAL;
        if (length < 0)
            return done ? done : length;
        file->position = next;
        done += length;
    }
}

SYSCALL(getdents64, int fd, uint64_t buffer, uint32_t size)
{
    struct file *file;
    long result = descriptor_hold_position(fd, &file);

    if (result)
        return result;
    if (!file->inode->operations->entry)
        result = -ENOTDIR;
    else if (!file->inode->links)
        result = -ENOENT;
    else
        result = directory_read(file, (char __user *)buffer, size);
    descriptor_release_position(file);
    return result;
}

static long link_read(struct inode *inode, uint64_t to, int64_t size)
{
    if (!inode->operations->read_link)
        return -EINVAL;
    char *text = heap_take(PATH_LENGTH_MAX);
    if (!text)
        return -ENOMEM;
    if (size > (int64_t)PATH_LENGTH_MAX)
        size = PATH_LENGTH_MAX;
    long length = inode->operations->read_link(inode, text, size);
    if (length > 0 && copy_to_user((void __user *)to, text, length))
        length = -EFAULT;
    heap_give(text, PATH_LENGTH_MAX);
    return length;
}

/* A descriptor with an empty path may be a link itself; whatever else it is is not there. */
static long readlink_call(int fd, uint64_t path, uint64_t to, int size)
{
    struct inode *inode;
    int error = size > 0 ? path_find_user(fd, path, AT_SYMLINK_NOFOLLOW, &inode) : -EINVAL;
    bool itself = error == -ENOENT && fd != AT_FDCWD;

    if (itself)
        error = path_find_user(fd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &inode);
    if (error)
        return error;
    long length = link_read(inode, to, size);
    inode_release(inode);
    return itself && length == -EINVAL ? -ENOENT : length;
}

SYSCALL(readlink, uint64_t path, uint64_t buffer, int size)
{
    return readlink_call(AT_FDCWD, path, buffer, size);
}

SYSCALL(readlinkat, int directory, uint64_t path, uint64_t buffer, int size)
{
    return readlink_call(directory, path, buffer, size);
}
