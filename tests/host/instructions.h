/* tests/host/instructions.h - instead of arch/machine.h and arch/interrupts.h: what the kernel's
 * own arch/ asks of a processor, of one that is played (processors.h). */
#ifndef HOST_INSTRUCTIONS_H
#define HOST_INSTRUCTIONS_H

#define ARCH_MACHINE_H
#define ARCH_INTERRUPTS_H

#include "arch/types.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/processors.h"

/* --- Instructions --------------------------------------------------------------------- */

#define CR4_PGE 0x00000080ul

static inline void cr3_write(uint64_t value)
{
    mmu_load((frame_t){(uint32_t)(value >> PAGE_SHIFT)});
}

static inline uint64_t cr4_read(void)
{
    return CR4_PGE;
}

static inline void cr4_write(uint64_t value)
{
    if (!(value & CR4_PGE))
        mmu_forget_all(); /* the kernel's own are not played */
}

static inline void cpu_relax(void)
{
    processors_wait();
}

/* Nobody looks at the time; but it is read where a mode is about to change. */
static inline uint64_t tsc_read(void)
{
    processors_turn(NULL);
    return 1;
}

static inline _Noreturn void halt_for_ever(void)
{
    host_fail("a processor halts for ever");
}

/* --- The local APIC --------------------------------------------------------------------- */

#define LAPIC_EOI     0x0b0
#define MESSAGE_FIXED 0x4000u

static inline void lapic_write(unsigned reg, uint32_t value)
{
    (void)reg;
    (void)value;
}

static inline void lapic_send(uint32_t id, uint32_t message)
{
    processors_interrupt(id, message & ~MESSAGE_FIXED);
}

#endif
