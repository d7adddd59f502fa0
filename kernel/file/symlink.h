/* kernel/file/symlink.h - names that stand for other names.  See kernel/file/symlink.c. */
#ifndef KERNEL_FILE_SYMLINK_H
#define KERNEL_FILE_SYMLINK_H

#include "kernel/file/inode.h"

/* A new one, without a name yet, in memory as `directory` is. 0; -ENOSPC, -ENOMEM. */
int symlink_create(const struct inode *directory, const char *target,
                   struct inode **created);

#endif
