/* kernel/main.c - the kernel comes up, one layer upon the other.
 *
 * First what makes failures visible: the console, then traps, so that every fault from here
 * on ends in a report. Then the processor's guards, the final page tables and time: the
 * machine. Then memory management, and what stands on it. */
#include "arch/cpu.h"
#include "arch/kernel_lock.h"
#include "arch/paging.h"
#include "arch/processors.h"
#include "arch/shootdown.h"
#include "kernel/device/block.h"
#include "kernel/file/mount.h"
#include "kernel/parameter.h"
#include "kernel/process/capacity.h"
#include "kernel/process/copy_sleep.h"
#include "kernel/process/process.h"
#include "kernel/report/log.h"
#include "kernel/report/trace.h"
#include "kernel/terminal/tty_input.h"
#include "kernel/thrashing/frame_shares.h"
#include "kernel/thrashing/sampling.h"
#include "kernel/thrashing/thrashing.h"
#include "kernel/vdso/vdso.h"
#include "lib/panic.h"
#include "mm/mm.h"

#define VERSION        "0.1"
#define MEMORY_MINIMUM (7ul << 20)
#define FRAMES_MINIMUM 8u /* docs/allocation.md: a process's own minimum */
#define NS_PER_US      1000ul

static struct block_device image_disk, swap_disk;

static void check(const struct boot_info *info)
{
    if (boot_usable_bytes(info) < MEMORY_MINIMUM)
        refuse("too little memory: at least 7 MiB must be free, and there are %lu KiB",
               boot_usable_bytes(info) >> 10);
    if (info->command_line_cut)
        refuse("the command line is too long: %zu letters are read",
               sizeof(info->command_line) - 1);
    if (info->image.start == info->image.end)
        refuse("no program image: the boot loader passed no module (GRUB: module2; "
               "QEMU: -initrd)");
}

static void start_machine(struct boot_info *info)
{
    if (!cpu_has_syscall()) /* all else was seen before (boot/check.asm) */
        refuse(
            "this processor lacks SYSCALL; it must be one for x86-64 (QEMU: -cpu qemu64)");
    trap_init();
    cpu_init();
    log_line("version " VERSION ", loaded by %s, %lu KiB of memory free, %s", info->loader,
             boot_usable_bytes(info) >> 10, cpu_features());
    check(info);
    parameter_read(info->command_line);
    paging_init(info);
    interrupts_init();
    timer_init();
    processors_start(info, (unsigned)parameters.cpus);
    if (processor_count > 1)
        log_line("%u processors", processor_count);
}

/* Give memory management what boot_take has left. */
static void give_frames(const struct boot_info *info)
{
    for (unsigned i = 0; i < info->usable_count; i++) {
        uint64_t first = info->usable[i].start >> PAGE_SHIFT;
        uint64_t count = (info->usable[i].end >> PAGE_SHIFT) - first;
        if (count)
            frame_give((frame_t){(uint32_t)first}, (frame_t){(uint32_t)(first + count)});
    }
}

/* The swap area: a disk made of memory that is set apart here. */
static void start_swap(struct boot_info *info, uint32_t slot_count)
{
    if (parameters.swap && !slot_count)
        refuse("swap=%lu: less than a page, which has %lu bytes", parameters.swap,
               PAGE_SIZE);
    if (!slot_count)
        return;
    uint64_t length = (uint64_t)slot_count << PAGE_SHIFT;
    uint64_t tables = mm_size(0, slot_count), free = boot_usable_bytes(info);
    if (free < length + tables + MEMORY_MINIMUM)
        refuse("swap=%lu leaves too little memory: of %lu KiB it takes %lu, its slots %lu, "
               "and at least 7 MiB must be free",
               parameters.swap, free >> 10, length >> 10, tables >> 10);
    if (boot_largest(info) < length + tables)
        refuse("swap=%lu: the swap area lies in one piece, and the largest has %lu KiB",
               parameters.swap, boot_largest(info) >> 10);
    block_device_init(&swap_disk, "swap", boot_take_dirty(info, length), length,
                      parameters.swap_latency * NS_PER_US);
    swap_disk.fail_read = parameters.swap_fail_read;
    swap_disk.fail_write = parameters.swap_fail_write;
    swap_disk.fail_percent = parameters.swap_fail_percent;
}

static void choose_policy(void) EXCLUDES(mm)
{
    if (!*parameters.policy)
        return;
    const struct policy *policy = policy_find(parameters.policy);
    if (policy) {
        mm_lock();
        policy_change(&groups[GROUP_ALL], policy);
        mm_unlock();
        return;
    }
    log_line("policies are:");
    for (unsigned i = 0; policies[i]; i++)
        log_line("  %s  %s", policies[i]->name, policies[i]->description);
    refuse("parameter \"policy=%s\": there is no such policy", parameters.policy);
}

static void check_allocation(void)
{
    if (!*parameters.alloc || allocation_find(parameters.alloc) != ALLOCATION_SCHEMES)
        return;
    log_line("schemes are:");
    for (unsigned i = 0; i < ALLOCATION_SCHEMES; i++)
        log_line("  %s", allocation_names[i]);
    refuse("parameter \"alloc=%s\": there is no such scheme", parameters.alloc);
}

static void start_memory(struct boot_info *info)
{
    uint32_t frame_count = (uint32_t)(info->ram_end >> PAGE_SHIFT);
    frame_junk = parameters.junk;
    if (parameters.audit || parameters.stack_junk)
        trap_audit_calls(parameters.stack_junk);
    trace_area_start(info);
    uint32_t slot_count = (uint32_t)(parameters.swap >> PAGE_SHIFT);
    start_swap(info, slot_count);
    mm_init(boot_take(info, mm_size(frame_count, slot_count)), frame_count, slot_count);
    give_frames(info);
    mm_ready(slot_count ? &swap_disk : NULL);
    vdso_start();
    capacity_start();
    choose_policy();
    check_allocation();
    if (parameters.frames && parameters.frames < FRAMES_MINIMUM)
        refuse("frames=%lu: at least %u, which one instruction may need", parameters.frames,
               FRAMES_MINIMUM);
    if (parameters.frames &&
        group_limit(&groups[GROUP_ALL], (uint32_t)parameters.frames) < 0)
        refuse("frames=%lu is below what the kernel has charged already",
               parameters.frames);
}

/* The program image lies in memory, behind the block interface: a RAM disk. */
static void start_files(const struct boot_info *info)
{
    uint8_t *memory = (uint8_t *)(DIRECT_MAP + info->image.start);
    uint64_t length = info->image.end - info->image.start;
    block_device_init(&image_disk, "image", memory, length,
                      parameters.image_latency * NS_PER_US);
    mount_all(&image_disk, memory, length);
    image_disk.fail_read = parameters.image_fail_read;
    tty_set_raw(parameters.job);
}

static void run_pageoutd(void *argument __attribute__((unused)))
{
    pageoutd();
}

static void start_pageoutd(void)
{
    struct thread *thread = thread_create(NULL, run_pageoutd, NULL);
    if (!thread)
        refuse("no memory for pageoutd");
    thread_ready(thread);
}

_Noreturn void kernel_main(struct boot_info *info)
{
    start_machine(info);
    start_memory(info);
    thread_init();
    if (parameters.trace && trace_switch(true) < 0)
        refuse("no memory for the trace");
    start_files(info);
    trace_area_describe();
    start_pageoutd();
    sampling_start();
    allocation_start();
    load_start(&swap_disk);
    copy_sleep_start();
    interleave_seed = parameters.interleave;
    shootdown_left_out = !parameters.shootdown;
    processors_run(thread_begin_other);
    process_start_init();
    thread_idle_loop();
}
