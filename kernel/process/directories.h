/* kernel/process/directories.h - where a process's paths begin: its root, its current directory,
 * and the rights that what it makes there does not have.
 *
 * Each process has its own, or several have them in common (clone with CLONE_FS). */
#ifndef KERNEL_PROCESS_DIRECTORIES_H
#define KERNEL_PROCESS_DIRECTORIES_H

#include "arch/types.h"

struct inode;

struct directories {
    unsigned holders;             /* processes; 0: one, in which they lie */
    uint32_t umask;               /* rights that new files do not get */
    struct inode *root, *working; /* references are held */
};

/* Those in a new process: both at `root`, which the caller keeps. */
void directories_create(struct directories *own, struct inode *root);
/* Those in a new process: the same places, its own from now on. */
void directories_copy(struct directories *own, const struct directories *from);
/* For one process more. What comes back is to be the one's and the other's; the one's were in
 * itself until now, if it had them alone. NULL: out of memory, and nothing has changed. */
struct directories *directories_share(struct directories *directories);
/* One process has them no more. */
void directories_release(struct directories *directories);

#endif
