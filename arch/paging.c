/* arch/paging.c - the kernel's half of every address space.
 *
 * Built once, from memory taken before mm/ exists: the kernel image with each section's own
 * rights and holes for guard pages, all RAM in the direct map with the largest pages the
 * processor has, empty tables for the kernel stacks, and the devices. Nothing is both
 * writable and executable, and the image's text and constants are read-only in the direct
 * map too, so there is no way round. All of it is global: it survives a change of space.
 *
 * SDM 3A, 4.5: level 4 is the root; levels 3 and 2 may map 1 GiB and 2 MiB at once. */
#include "arch/paging.h"
#include "arch/detour.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "arch/shootdown.h"
#include "lib/panic.h"

#define PTE_UNCACHED 0x18ull /* PCD, PWT: PAT entry 3 at power-on, strong uncacheable */

#define DATA_RIGHTS     (PTE_PRESENT | PTE_GLOBAL | PTE_WRITABLE | PTE_NO_EXECUTE)
#define CONSTANT_RIGHTS (PTE_PRESENT | PTE_GLOBAL | PTE_NO_EXECUTE)
#define TEXT_RIGHTS     (PTE_PRESENT | PTE_GLOBAL)
#define DEVICE_RIGHTS   (DATA_RIGHTS | PTE_UNCACHED)
#define BOOT_TABLES_END (4ul << 30) /* what boot.asm has mapped */
#define LAPIC_PHYSICAL  0xfee00000ul
#define IOAPIC_PHYSICAL 0xfec00000ul

static frame_t root;

/* The size of what an entry at `level` maps. */
static uint64_t level_size(int level)
{
    return PAGE_SIZE << 9 * (level - 1);
}

static frame_t table_new(struct boot_info *info)
{
    frame_t table = frame_of_data(boot_take(info, PAGE_SIZE));
    ASSERT((uint64_t)table.number << PAGE_SHIFT < BOOT_TABLES_END);
    return table;
}

/* The entry for `address` at `level`, with the tables above it. */
static pte_t *entry_at(struct boot_info *info, uintptr_t address, int level)
{
    frame_t table = root;
    for (int above = TABLE_LEVELS; above > level; above--) {
        pte_t *entry = (pte_t *)frame_data(table) + table_index(address, above);
        if (!pte_is_present(*entry)) {
            table = table_new(info);
            entry->bits = PTE_PRESENT | PTE_WRITABLE | (uint64_t)table.number << PAGE_SHIFT;
        }
        table = pte_frame(*entry);
    }
    return (pte_t *)frame_data(table) + table_index(address, level);
}

static void map(struct boot_info *info, uintptr_t address, uint64_t physical, int level,
                uint64_t rights)
{
    if (level > 1)
        rights |= PTE_LARGE;
    entry_at(info, address, level)->bits = physical | rights;
}

/* --- The kernel image ------------------------------------------------------------ */

static void map_section(struct boot_info *info, const char *start, const char *end,
                        uint64_t rights)
{
    for (; start < end; start += PAGE_SIZE)
        if (!stack_guard_contains((uintptr_t)start))
            map(info, (uintptr_t)start, image_physical(start), 1, rights);
}

static void map_image(struct boot_info *info)
{
    map_section(info, text_start, text_end, TEXT_RIGHTS);
    map_section(info, rodata_start, rodata_end, CONSTANT_RIGHTS);
    map_section(info, data_start, kernel_end, DATA_RIGHTS);
}

/* --- The direct map -------------------------------------------------------------- */

static bool overlaps(uint64_t start, uint64_t end, uint64_t other_start, uint64_t other_end)
{
    return start < other_end && other_start < end;
}

/* [start, end) touches the part of the image that nobody may write. */
static bool touches_constant(uint64_t start, uint64_t end)
{
    return overlaps(start, end, image_physical(kernel_start), image_physical(rodata_end));
}

static bool touches_ram(const struct boot_info *info, uint64_t start, uint64_t end)
{
    for (unsigned i = 0; i < info->ram_count; i++)
        if (overlaps(start, end, info->ram[i].start, info->ram[i].end))
            return true;
    return false;
}

static bool all_ram(const struct boot_info *info, uint64_t start, uint64_t end)
{
    for (unsigned i = 0; i < info->ram_count; i++)
        if (start >= info->ram[i].start && end <= info->ram[i].end)
            return true;
    return false;
}

/* The largest page that may map `physical`: 1 GiB only where all of it is RAM, 2 MiB where
 * any is (the first holds the text screen as well), 4 KiB around the kernel's constants. */
static int direct_level(const struct boot_info *info, uint64_t physical, bool has_1g)
{
    uint64_t gigabyte = level_size(3);
    if (has_1g && physical % gigabyte == 0 &&
        all_ram(info, physical, physical + gigabyte) &&
        !touches_constant(physical, physical + gigabyte))
        return 3;
    uint64_t large = physical & ~(level_size(2) - 1);
    return touches_constant(large, large + level_size(2)) ? 1 : 2;
}

static void map_direct(struct boot_info *info)
{
    bool has_1g = cpuid_read(CPUID_EXTENDED).edx & CPUID_1G_PAGES;
    for (uint64_t physical = 0; physical < info->ram_end;) {
        int level = direct_level(info, physical, has_1g);
        uint64_t end = physical + level_size(level);
        uint64_t rights = touches_constant(physical, end) ? CONSTANT_RIGHTS : DATA_RIGHTS;
        if (level == 1 || touches_ram(info, physical, end))
            map(info, DIRECT_MAP + physical, physical, level, rights);
        physical = end;
    }
}

/* --- Stacks and devices ---------------------------------------------------------- */

/* Tables only: kernel_stack_map fills them. */
static void map_stack_area(struct boot_info *info)
{
    for (uint64_t offset = 0; offset < STACK_COUNT * STACK_STRIDE; offset += TABLE_SPAN)
        entry_at(info, STACK_AREA + offset, 1);
}

/* Places for stacks: those given back, the last one first, and from `stacks_used` up those
 * that never had one. */
static uint16_t stacks_back[STACK_COUNT];
static unsigned stacks_back_count, stacks_used;

static uintptr_t stack_address(unsigned place)
{
    return STACK_AREA + place * STACK_STRIDE + PAGE_SIZE;
}

void *kernel_stack_map(const frame_t *frames)
{
    if (stacks_back_count == 0 && stacks_used == STACK_COUNT)
        return NULL;
    uintptr_t stack = stack_address(stacks_back_count > 0 ? stacks_back[--stacks_back_count]
                                                          : stacks_used++);
    for (unsigned i = 0; i < KERNEL_STACK_FRAMES; i++)
        map(NULL, stack + i * PAGE_SIZE, (uint64_t)frames[i].number << PAGE_SHIFT, 1,
            DATA_RIGHTS);
    return (void *)stack;
}

void kernel_stack_unmap(void *stack, frame_t *frames)
{
    uintptr_t at = (uintptr_t)stack;
    for (unsigned i = 0; i < KERNEL_STACK_FRAMES; i++, at += PAGE_SIZE) {
        pte_t *entry = entry_at(NULL, at, 1);
        frames[i] = pte_frame(*entry);
        *entry = PTE_ZERO;
        tlb_flush_page(at); /* INVLPG: global translations too (SDM 3A, 4.10.4.1) */
    }
    if (several_processors())
        shootdown_kernel();
    stacks_back[stacks_back_count++] =
        (uint16_t)(((uintptr_t)stack - STACK_AREA) / STACK_STRIDE);
}

void paging_init(struct boot_info *info)
{
    root = table_new(info);
    map_image(info);
    map_direct(info);
    map_stack_area(info);
    map(info, LAPIC_REGISTERS, LAPIC_PHYSICAL, 1, DEVICE_RIGHTS);
    map(info, IOAPIC_REGISTERS, IOAPIC_PHYSICAL, 1, DEVICE_RIGHTS);
    root_load(root);
    cr4_write(cr4_read() | CR4_PGE);
}

void *paging_map_extra(struct boot_info *info, uint64_t physical, uint64_t length)
{
    for (uint64_t done = 0; done < length; done += level_size(2))
        map(info, EXTRA_AREA + done, physical + done, 2, DATA_RIGHTS);
    return (void *)EXTRA_AREA;
}

frame_t kernel_root(void)
{
    return root;
}
