/* arch/layout.h - the kernel's half of every address space.
 *
 *   ffff8000'00000000  direct map: all RAM, page for page (arch/mmu.h)
 *   ffffc000'00000000  kernel stacks, each above a guard page
 *   ffffd000'00000000  the trace's area, when there is one (kernel/report/trace_area.c)
 *   ffffffff'80000000  the kernel image, at this plus its physical address
 *   ffffffff'c0000000  devices' registers: LAPIC, IOAPIC */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#include "arch/cpu.h"
#include "arch/mmu.h"
#include "arch/processor.h"

#define KERNEL_HALF 0xffff800000000000ul
#define STACK_AREA  0xffffc00000000000ul
#define EXTRA_AREA  0xffffd00000000000ul
#define KERNEL_BASE 0xffffffff80000000ul
#define DEVICE_AREA 0xffffffffc0000000ul

#define LAPIC_REGISTERS  DEVICE_AREA
#define IOAPIC_REGISTERS (DEVICE_AREA + PAGE_SIZE)

/* A stack and the guard page under it. */
#define STACK_COUNT  KERNEL_STACKS_MAX
#define STACK_STRIDE (KERNEL_STACK_SIZE + PAGE_SIZE)

/* From linker.ld. */
extern char kernel_start[], text_start[], text_end[], rodata_start[], rodata_end[],
    data_start[], data_end[], stacks_start[], stacks_end[], kernel_end[];

static inline uint64_t image_physical(const void *symbol)
{
    return (uint64_t)symbol - KERNEL_BASE;
}

static inline uint64_t image_size(void)
{
    return (uint64_t)(kernel_end - kernel_start);
}

/* The highest address of a stack of the first processor's, which is part of the image. */
static inline void *fixed_stack_top(unsigned which)
{
    return stacks_start + (which + 1) * STACK_STRIDE;
}

/* `address` lies in the unmapped page under some kernel stack. */
static inline bool stack_guard_contains(uintptr_t address)
{
    if (address >= STACK_AREA && address < STACK_AREA + STACK_COUNT * STACK_STRIDE)
        return (address - STACK_AREA) % STACK_STRIDE < PAGE_SIZE;
    if (address >= (uintptr_t)stacks_start && address < (uintptr_t)stacks_end)
        return (address - (uintptr_t)stacks_start) % STACK_STRIDE < PAGE_SIZE;
    return false;
}

#endif
