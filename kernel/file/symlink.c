/* kernel/file/symlink.c - symbolic links: names that stand for other names.
 *
 * The text is kept as it was given, whatever it leads to; kernel/file/path.c follows it, by
 * putting it in front of the rest of a path. */
#include "kernel/file/symlink.h"
#include "kernel/file/memory_fs.h"
#include "kernel/process/capacity.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define NAME_ROOM 512u /* bytes that a name takes with its inode, or less */

/* A long target counts as the names that would have room in its place. */
static uint64_t target_names(const char *target)
{
    return strlen(target) / NAME_ROOM;
}

static long symlink_read(struct inode *inode, char *target, size_t size)
{
    size_t length = strlen(inode->data);

    if (length > size)
        length = size;
    memcpy(target, inode->data, length);
    return length;
}

static void symlink_destroy(struct inode *inode)
{
    if (!inode->data)
        return;
    memory_names -= target_names(inode->data);
    heap_give(inode->data, strlen(inode->data) + 1);
}

static const struct inode_operations symlink_operations = {
    .read_link = symlink_read,
    .destroy = symlink_destroy,
};

int symlink_create(const struct inode *directory, const char *target,
                   struct inode **created)
{
    if (memory_names + target_names(target) >= capacity.names)
        return -ENOSPC;
    struct inode *inode =
        inode_create(&symlink_operations, S_IFLNK | 0777, directory->file_system);

    if (!inode)
        return -ENOMEM;
    inode->data = heap_take(strlen(target) + 1);
    if (!inode->data) {
        inode_release(inode);
        return -ENOMEM;
    }
    memcpy(inode->data, target, strlen(target) + 1);
    memory_names += target_names(target);
    *created = inode;
    return 0;
}
