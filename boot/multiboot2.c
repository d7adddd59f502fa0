/* boot/multiboot2.c - what GRUB passes: a list of tags, each with its type and size.
 *
 * Multiboot2 specification 2.0, 3.6. The list starts eight bytes into the information and
 * ends with a tag of type 0; tags are padded to eight bytes. */
#include "arch/mmu.h"
#include "boot/loader.h"
#include "lib/panic.h"

enum {
    TAG_END = 0,
    TAG_COMMAND_LINE = 1,
    TAG_MODULE = 3,
    TAG_MEMORY_MAP = 6,
    TAG_ACPI = 14, /* a copy of ACPI's root pointer: revision 1, and later ones */
    TAG_ACPI_NEW = 15,
};

#define MEMORY_AVAILABLE 1u

struct information {
    uint32_t size, reserved;
};

struct tag {
    uint32_t type, size;
};

struct tag_command_line {
    struct tag tag;
    char text[];
};

struct tag_module {
    struct tag tag;
    uint32_t start, end;
};

struct tag_memory_map {
    struct tag tag;
    uint32_t entry_size, entry_version;
};

struct memory_entry {
    uint64_t start, length;
    uint32_t type, reserved;
};

static void read_memory_map(const struct tag_memory_map *tag, struct boot_map *map)
{
    uintptr_t entry = (uintptr_t)(tag + 1), end = (uintptr_t)tag + tag->tag.size;
    if (tag->entry_size < sizeof(struct memory_entry))
        refuse("multiboot2: entries of the memory map have %u bytes", tag->entry_size);
    for (; entry + sizeof(struct memory_entry) <= end; entry += tag->entry_size) {
        const struct memory_entry *memory = (const void *)entry;
        int kind = memory->type == MEMORY_AVAILABLE ? BOOT_USABLE : BOOT_RESERVED;
        if (!boot_map_add(map, memory->start, memory->length, kind))
            refuse("multiboot2: a memory map of more than %u entries", BOOT_ENTRIES_MAX);
    }
}

/* The first module is the program image; others are nothing to us. */
static void read_module(const struct tag_module *tag, struct boot_info *info)
{
    if (info->image.end || tag->end <= tag->start)
        return;
    info->image = (struct boot_range){tag->start, tag->end};
}

static void read_tag(const struct tag *tag, struct boot_map *map, struct boot_info *info)
{
    if (tag->type == TAG_COMMAND_LINE)
        boot_command_line(info, ((const struct tag_command_line *)tag)->text);
    if (tag->type == TAG_MODULE)
        read_module((const struct tag_module *)tag, info);
    if (tag->type == TAG_MEMORY_MAP)
        read_memory_map((const struct tag_memory_map *)tag, map);
    if ((tag->type == TAG_ACPI || tag->type == TAG_ACPI_NEW) && !info->processor_count)
        acpi_read((uintptr_t)(tag + 1) - DIRECT_MAP, info);
}

void multiboot2_read(uint64_t address, struct boot_map *map, struct boot_info *info)
{
    const struct information *information = (const void *)(DIRECT_MAP + address);
    uintptr_t next = (uintptr_t)(information + 1),
              end = (uintptr_t)information + information->size;
    info->loader = "multiboot2";
    while (next + sizeof(struct tag) <= end) {
        const struct tag *tag = (const void *)next;
        if (tag->type == TAG_END || tag->size < sizeof(*tag))
            break;
        read_tag(tag, map, info);
        next += (tag->size + 7ul) & ~7ul;
    }
    boot_map_add(map, address, information->size, BOOT_TAKEN);
}
