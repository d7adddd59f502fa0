/* kernel/device/archive.h - the program image: from an archive to a tree of files. */
#ifndef KERNEL_DEVICE_ARCHIVE_H
#define KERNEL_DEVICE_ARCHIVE_H

#include "kernel/device/block.h"

/* Fill the tree at file_root from the cpio image on `device`. `bytes` is where the image lies in
 * the direct map: names are read there, contents stay on the device until they are touched.
 * A damaged image ends the boot in words that name the place. */
void archive_unpack(struct block_device *device, const uint8_t *bytes,
                    uint64_t length) SLEEPS;

#endif
