/* arch/paging.h - the kernel's own page tables. */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include "boot/boot_info.h"

/* Build the kernel's half of every address space (arch/layout.h) from memory taken off
 * `info`, load it, and drop the temporary tables of boot.asm. From here on the root's upper
 * half never changes: other roots copy it. */
void paging_init(struct boot_info *info);

#endif
