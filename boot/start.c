/* boot/start.c - the first C: from either loader's words to one struct boot_info.
 *
 * boot.asm comes here in 64-bit mode, with the first 4 GiB mapped at the kernel's
 * addresses as well as at their own. */
#include "arch/cpu.h"
#include "arch/layout.h"
#include "boot/loader.h"
#include "lib/panic.h"

#define LOW_MEMORY 0x100000ul /* firmware's and loader's: more trouble than worth */

static struct boot_info info;
static struct boot_map map;

void boot_start(uint32_t magic, uint64_t address)
{
    serial_init();
    vga_init();
    if (magic == MULTIBOOT2_MAGIC)
        multiboot2_read(address, &map, &info);
    else if (magic == PVH_MAGIC)
        pvh_read(address, &map, &info);
    else
        refuse("boot: the loader is neither multiboot2 nor PVH (EAX = %#x)", magic);
    boot_map_add(&map, 0, LOW_MEMORY, BOOT_TAKEN);
    boot_map_add(&map, image_physical(kernel_start), image_size(), BOOT_TAKEN);
    boot_map_add(&map, info.image.start, info.image.end - info.image.start, BOOT_TAKEN);
    boot_map_finish(&map, &info);
    kernel_main(&info);
}
