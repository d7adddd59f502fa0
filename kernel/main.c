/* kernel/main.c - the kernel comes up, one layer upon the other.
 *
 * First what makes failures visible: the console, then traps, so that every fault from here
 * on ends in a report. Then the processor's guards, the final page tables and time: the
 * machine. Then memory management, and what stands on it. */
#include "arch/cpu.h"
#include "arch/paging.h"
#include "kernel/log.h"
#include "kernel/parameter.h"

#define VERSION        "0.1"
#define MEMORY_MINIMUM (8ul << 20)

static _Noreturn void refuse(const char *why)
{
    log_line("%s; stopped", why);
    machine_off(1);
}

static void check(const struct boot_info *info)
{
    if (boot_usable_bytes(info) < MEMORY_MINIMUM)
        refuse("too little memory: at least 8 MiB must be free");
    if (info->image.start == info->image.end)
        refuse("no program image: the boot loader passed no module (GRUB: module2; QEMU: "
               "-initrd)");
}

static void start_machine(struct boot_info *info)
{
    trap_init();
    cpu_init();
    log_line("version " VERSION ", loaded by %s, %lu KiB of memory free, %s", info->loader,
             boot_usable_bytes(info) >> 10, cpu_features());
    parameter_read(info->command_line);
    check(info);
    paging_init(info);
    interrupts_init();
    timer_init();
}

_Noreturn void kernel_main(struct boot_info *info)
{
    start_machine(info);
    log_line("ready at %lu ns", time_now());
    machine_off(0);
}
