/* kernel/device/device.h - device files: a number stands for what is behind the name.
 *
 * The room device/ also has the two disks, which are memory (block.h), and the archive on one of
 * them, which the first files are made of. */
#ifndef KERNEL_DEVICE_DEVICE_H
#define KERNEL_DEVICE_DEVICE_H

#include "kernel/file/file.h"

#define DEVICE(major, minor) ((uint64_t)(major) << 8 | (minor))

#define DEVICE_NULL       DEVICE(1, 3)
#define DEVICE_ZERO       DEVICE(1, 5)
#define DEVICE_FULL       DEVICE(1, 7)
#define DEVICE_RANDOM     DEVICE(1, 8)
#define DEVICE_URANDOM    DEVICE(1, 9)
#define DEVICE_SERIAL     DEVICE(4, 64)
#define DEVICE_TTY        DEVICE(5, 0)
#define DEVICE_CONSOLE    DEVICE(5, 1)
#define DEVICE_HOSTOUT    DEVICE(240, 0) /* Linux keeps 240 and on for local use */
#define DEVICE_HOSTSTATUS DEVICE(240, 1)

/* What can be done with the device of that number; a number that stands for nothing opens
 * with -ENXIO. */
const struct inode_operations *device_operations(uint64_t device);
/* Make the nodes that every system has in a directory. */
void device_populate(struct inode *directory);
/* /dev/zero: its mapping is fresh memory. */
bool device_is_zero(const struct inode *inode);

#endif
