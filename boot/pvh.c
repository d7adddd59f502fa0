/* boot/pvh.c - what `qemu -kernel` passes: the start info of Xen's PVH entry.
 *
 * xen/include/public/arch-x86/hvm/start_info.h. The memory map came with version 1. */
#include "arch/mmu.h"
#include "boot/loader.h"
#include "lib/panic.h"

#define MEMORY_RAM 1u

struct start_info {
    uint32_t magic, version, flags, module_count;
    uint64_t modules, command_line, rsdp, memory_map;
    uint32_t memory_count, reserved;
};

struct module {
    uint64_t start, size, command_line, reserved;
};

struct memory_entry {
    uint64_t start, length;
    uint32_t type, reserved;
};

static void read_memory_map(const struct start_info *start, struct boot_map *map)
{
    const struct memory_entry *memory = (const void *)(DIRECT_MAP + start->memory_map);
    for (uint32_t i = 0; i < start->memory_count; i++) {
        int kind = memory[i].type == MEMORY_RAM ? BOOT_USABLE : BOOT_RESERVED;
        if (!boot_map_add(map, memory[i].start, memory[i].length, kind))
            refuse("pvh: a memory map of %u entries", start->memory_count);
    }
    boot_map_add(map, start->memory_map, start->memory_count * sizeof(*memory), BOOT_TAKEN);
}

void pvh_read(uint64_t address, struct boot_map *map, struct boot_info *info)
{
    const struct start_info *start = (const void *)(DIRECT_MAP + address);
    info->loader = "pvh";
    if (start->magic != PVH_MAGIC)
        refuse(
            "pvh: the start info begins with %#x, not %#x: it is overwritten, as QEMU does"
            " if the command line has more than 4095 bytes",
            start->magic, PVH_MAGIC);
    if (start->version < 1 || !start->memory_map)
        refuse("pvh: no memory map (start info version %u)", start->version);
    read_memory_map(start, map);
    acpi_read(start->rsdp, info);
    if (start->command_line)
        boot_command_line(info, (const char *)(DIRECT_MAP + start->command_line));
    if (start->module_count) {
        const struct module *module = (const void *)(DIRECT_MAP + start->modules);
        info->image = (struct boot_range){module->start, module->start + module->size};
    }
    boot_map_add(map, address, sizeof(*start), BOOT_TAKEN);
}
