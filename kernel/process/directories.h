/* kernel/process/directories.h - where a process's paths begin: its root, its current directory,
 * and the rights that what it makes there does not have.
 *
 * Each process has its own, or several have them in common (clone with CLONE_FS). */
#ifndef KERNEL_PROCESS_DIRECTORIES_H
#define KERNEL_PROCESS_DIRECTORIES_H

#include "arch/types.h"

struct inode;

struct directories {
    unsigned holders;             /* processes */
    uint32_t umask;               /* rights that new files do not get */
    struct inode *root, *current; /* references are held */
};

/* For one process, both at `root`, which the caller keeps. NULL: out of memory. */
struct directories *directories_create(struct inode *root);
/* The same places for one process more, of its own from now on. NULL: out of memory. */
struct directories *directories_copy(const struct directories *from);
/* One process has them no more. */
void directories_release(struct directories *directories);

#endif
