/* kernel/process/directories.c - where a process's paths begin, its own or in common.
 *
 * Counted: clone with CLONE_FS gives the child the parent's, and then chdir, chroot and umask of
 * the one are the other's too; fork gives it a copy. */
#include "kernel/process/directories.h"

#include "kernel/file/inode.h"
#include "mm/mm.h"

#define UMASK_INITIAL 022u

static struct slab_cache directories_cache = SLAB_CACHE("directories", struct directories);

static struct directories *directories_at(struct inode *root, struct inode *directory,
                                          uint32_t umask)
{
    struct directories *directories = slab_take(&directories_cache);

    if (!directories)
        return NULL;
    *directories = (struct directories){
        .holders = 1, .umask = umask, .root = root, .current = directory};
    inode_hold(root);
    inode_hold(directory);
    return directories;
}

struct directories *directories_create(struct inode *root)
{
    return directories_at(root, root, UMASK_INITIAL);
}

struct directories *directories_copy(const struct directories *from)
{
    return directories_at(from->root, from->current, from->umask);
}

void directories_release(struct directories *directories)
{
    if (--directories->holders > 0)
        return;
    inode_release(directories->root);
    inode_release(directories->current);
    slab_give(&directories_cache, directories);
}
