/* kernel/file/regular.h - regular files: contents that are an object's pages. */
#ifndef KERNEL_FILE_REGULAR_H
#define KERNEL_FILE_REGULAR_H

#include "kernel/file/inode.h"

extern const struct inode_operations regular_operations;

#define FILE_SIZE_MAX \
    (1ull << 43) /* an object's page index has 32 bits, with room to spare */

/* Zeroes in place of the bytes [start, end) of a regular file, as far as it reaches. The caller
 * holds the inode. May sleep. 0, -EPERM (a seal), -EIO, -ENOMEM, -EINTR. */
int regular_punch(struct inode *inode, uint64_t start, uint64_t end) SLEEPS;

#endif
