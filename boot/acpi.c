/* boot/acpi.c - which processors the machine has: the firmware's table of interrupt controllers.
 *
 * ACPI 6.4: the loader says where the root pointer is (5.2.5.3); it leads to a table of tables
 * (5.2.7, 5.2.8), one of which is called APIC and has an entry for each processor's own
 * interrupt controller (5.2.12.2). A machine whose tables make no sense has one processor. */
#include "arch/mmu.h"
#include "boot/loader.h"
#include "lib/string.h"

#ifndef BOOT_MAPPED             /* a host's test has less */
#define BOOT_MAPPED (4ul << 30) /* what boot.asm has mapped */
#endif
#define LOCAL_APIC     0 /* type of an entry */
#define APIC_USABLE    1u
#define APICS_OFFSET   8 /* behind the header: its registers' address, flags */
#define ENTRY_SMALLEST 2u

struct root_pointer {
    char signature[8];
    uint8_t checksum;
    char maker[6];
    uint8_t revision;
    uint32_t table;
    uint32_t length;
    uint64_t wide_table;
} __attribute__((packed));

struct header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char maker[6], maker_table[8];
    uint32_t maker_revision, creator, creator_revision;
} __attribute__((packed));

struct local_apic {
    uint8_t type, length, processor, id;
    uint32_t flags;
} __attribute__((packed));

static const void *physical(uint64_t address, uint64_t length)
{
    bool there = address && address < BOOT_MAPPED && length <= BOOT_MAPPED - address;
    return there ? (const void *)(DIRECT_MAP + address) : NULL;
}

/* With all the bytes that it says it has. */
static const struct header *table_at(uint64_t address)
{
    const struct header *table = physical(address, sizeof(*table));
    if (!table || table->length < sizeof(*table))
        return NULL;
    return physical(address, table->length);
}

/* The table of that name, in one whose entries have `width` bytes each. */
static const struct header *table_find(const struct header *all, unsigned width,
                                       const char *name)
{
    const char *entry = (const char *)(all + 1), *end = (const char *)all + all->length;
    for (; entry + width <= end; entry += width) {
        uint64_t address = 0;
        memcpy(&address, entry, width);
        const struct header *table = table_at(address);
        if (table && memcmp(table->signature, name, sizeof(table->signature)) == 0)
            return table;
    }
    return NULL;
}

static void note(struct boot_info *info, const struct local_apic *apic)
{
    if ((apic->flags & APIC_USABLE) && info->processor_count < PROCESSORS_MOST)
        info->processors[info->processor_count++] = apic->id;
}

void acpi_read(uint64_t root, struct boot_info *info)
{
    const struct root_pointer *pointer = physical(root, sizeof(*pointer));
    if (!pointer || memcmp(pointer->signature, "RSD PTR ", sizeof(pointer->signature)) != 0)
        return;
    bool wide = pointer->revision >= 2 && pointer->wide_table;
    const struct header *all = table_at(wide ? pointer->wide_table : pointer->table);
    const struct header *table =
        all ? table_find(all, wide ? sizeof(uint64_t) : sizeof(uint32_t), "APIC") : NULL;
    if (!table)
        return;
    const char *entry = (const char *)(table + 1) + APICS_OFFSET,
               *end = (const char *)table + table->length;
    while (entry + ENTRY_SMALLEST <= end) {
        const struct local_apic *apic = (const void *)entry;
        if (apic->length < ENTRY_SMALLEST || entry + apic->length > end)
            return;
        if (apic->type == LOCAL_APIC && apic->length >= sizeof(*apic))
            note(info, apic);
        entry += apic->length;
    }
}
