/* boot/loader.h - the two ways in, each reading its own tables into the same form. */
#ifndef BOOT_LOADER_H
#define BOOT_LOADER_H

#include "boot/boot_info.h"

#define MULTIBOOT2_MAGIC 0x36d76289u /* in EAX (Multiboot2 specification, 3.5) */
#define PVH_MAGIC        0x336ec578u /* first word of the start info; put in EAX by boot.asm */

/* From boot.asm: what the loader left in EAX and EBX. */
_Noreturn void boot_start(uint32_t magic, uint64_t address);

/* `address`: physical, of the loader's tables, reached through the direct map. */
void multiboot2_read(uint64_t address, struct boot_map *map, struct boot_info *info);
void pvh_read(uint64_t address, struct boot_map *map, struct boot_info *info);

/* Note which processors there are. `root`: the physical address of ACPI's root pointer, 0 if
 * the loader knows none. */
void acpi_read(uint64_t root, struct boot_info *info);

#endif
