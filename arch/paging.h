/* arch/paging.h - the kernel's own page tables. */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include "boot/boot_info.h"

/* Build the kernel's half of every address space (arch/layout.h) from memory taken off
 * `info`, load it, and drop the temporary tables of boot.asm. From here on the root's upper
 * half never changes: other roots copy it. */
void paging_init(struct boot_info *info);

/* Map memory that the loader's map does not tell of, at EXTRA_AREA; once, and before any space
 * is made. `physical` is a multiple of 2 MiB; `length` bytes are rounded up to one. */
void *paging_map_extra(struct boot_info *info, uint64_t physical, uint64_t length);

#endif
