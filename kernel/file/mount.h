/* kernel/file/mount.h - the file systems that programs see, put together at the start. */
#ifndef KERNEL_FILE_MOUNT_H
#define KERNEL_FILE_MOUNT_H

#include "kernel/device/block.h"

/* Unpack the program image (archive.h) and put the kernel's own file systems into it. An image
 * that has something in their places ends the boot in words that name it. */
void mount_all(struct block_device *device, const uint8_t *image, uint64_t length) SLEEPS;

#endif
