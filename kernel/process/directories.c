/* kernel/process/directories.c - where a process's paths begin, its own or in common.
 *
 * They lie in the process itself, as most have them alone. clone with CLONE_FS moves them out and
 * gives the child the same: then chdir, chroot and umask of the one are the other's too. fork
 * gives it a copy. */
#include "kernel/process/directories.h"

#include "kernel/file/inode.h"
#include "mm/mm.h"

#define UMASK_INITIAL 022u

static struct slab_cache directories_cache = SLAB_CACHE("directories", struct directories);

static void directories_begin(struct directories *own, struct inode *root,
                              struct inode *directory, uint32_t umask)
{
    *own = (struct directories){.umask = umask, .root = root, .working = directory};
    inode_hold(root);
    inode_hold(directory);
}

void directories_create(struct directories *own, struct inode *root)
{
    directories_begin(own, root, root, UMASK_INITIAL);
}

void directories_copy(struct directories *own, const struct directories *from)
{
    directories_begin(own, from->root, from->working, from->umask);
}

struct directories *directories_share(struct directories *directories)
{
    if (directories->holders == 0) {
        struct directories *apart = slab_take(&directories_cache);
        if (!apart)
            return NULL;
        *apart = *directories;
        apart->holders = 1;
        directories = apart;
    }
    directories->holders++;
    return directories;
}

void directories_release(struct directories *directories)
{
    bool apart = directories->holders > 0;

    if (apart && --directories->holders > 0)
        return;
    inode_release(directories->root);
    inode_release(directories->working);
    if (apart)
        slab_give(&directories_cache, directories);
}
