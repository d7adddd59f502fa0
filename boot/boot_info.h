/* boot/boot_info.h - what the boot loader told us, whichever it was. */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "arch/processor.h"
#include "arch/types.h"

#define BOOT_RANGES_MAX  64
#define BOOT_ENTRIES_MAX 192

/* Memory beyond this is left alone: a mapper_t numbers a pte in 32 bits, 23 of them for
 * the table's frame. */
#define BOOT_RAM_MAX (32ul << 30)

struct boot_range {
    uint64_t start, end; /* physical, bytes */
};

/* Filled by boot/multiboot2.c or boot/pvh.c, then sorted, and cleared of overlaps, of the
 * kernel image, the program image, the first MiB and the loader's own tables. */
struct boot_info {
    const char *loader; /* "multiboot2" or "pvh" */
    char command_line[1024];
    bool command_line_cut;                     /* it was longer */
    struct boot_range usable[BOOT_RANGES_MAX]; /* sorted, disjoint, whole frames: free */
    unsigned usable_count;
    struct boot_range ram[BOOT_RANGES_MAX]; /* all RAM, that in use too: the direct map */
    unsigned ram_count;
    uint64_t ram_end; /* first physical address after all RAM: the direct map's size */
    uint8_t processors[PROCESSORS_MOST]; /* the ids of their local APICs */
    unsigned processor_count;            /* 0: the firmware does not say */
    struct boot_range image; /* the program image (cpio newc), exact bytes; empty if none */
};

/* The loader's memory map as it comes: in any order, overlapping. */
struct boot_map {
    struct {
        uint64_t start, end;
        enum {
            BOOT_USABLE,
            BOOT_RESERVED, /* not RAM, or not ours */
            BOOT_TAKEN,    /* RAM with something in it: kernel, image, loader's tables */
        } kind;
    } entries[BOOT_ENTRIES_MAX];
    unsigned count;
};

/* Note [start, start + length), in bytes; cut short if it would wrap, ignored if empty.
 * False when the map is full. */
bool boot_map_add(struct boot_map *map, uint64_t start, uint64_t length, int kind);

/* From the map, fill usable, ram and ram_end. Reserved wins over usable wherever they
 * overlap; usable memory is rounded inwards to whole frames. */
void boot_map_finish(const struct boot_map *map, struct boot_info *info);

/* Bytes in the usable ranges. */
uint64_t boot_usable_bytes(const struct boot_info *info);

/* Bytes of the largest usable range. */
uint64_t boot_largest(const struct boot_info *info);

/* Keep the loader's text as the command line. */
void boot_command_line(struct boot_info *info, const char *text);

/* Take memory for good, before mm/ has any: cleared, page-aligned, a pointer into the
 * direct map; it comes off the lowest usable range that is large enough. Panics when there
 * is none. */
void *boot_take(struct boot_info *info, size_t bytes);
/* The same, its contents left as they are. */
void *boot_take_dirty(struct boot_info *info, size_t bytes);

/* Called once from the 64-bit entry, when the loader's words are in *info. Never returns.
 * Defined in kernel/main.c. */
_Noreturn void kernel_main(struct boot_info *info);

#endif
