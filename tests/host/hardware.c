/* tests/host/hardware.c - the kernel's own arch/, as far as it says who may remember a translation,
 * and who is told: arch/mmu.c, arch/kernel_lock.c and arch/shootdown.c, compiled for processors
 * that are played (processors.h). In one piece, so that what they keep to themselves can be looked
 * at; and a mutant of them is this file, compiled with their changed text. */
#include "tests/host/hardware.h"
#include "tests/host/instructions.h"

/* The memory's are the machine's, which looks at what it is asked; so are the flushes, which it
 * counts. */
#define frame_clear    arch_frame_clear
#define frame_copy     arch_frame_copy
#define memory_clear   arch_memory_clear
#define memory_copy    arch_memory_copy
#define tlb_flush_page arch_tlb_flush_page
#define tlb_flush_user arch_tlb_flush_user
#include "arch/mmu.c"
#undef frame_clear
#undef frame_copy
#undef memory_clear
#undef memory_copy
#undef tlb_flush_page
#undef tlb_flush_user

/* Whoever has just taken the kernel's lock calls it. */
#define kernel_catch_up(self) (hardware_entered(), kernel_catch_up(self))
#include "arch/kernel_lock.c"
#undef kernel_catch_up
#include "arch/shootdown.c"

uint64_t timer_ns_per_tsc, timer_entry_tsc;

void tlb_flush_page(uintptr_t address)
{
    machine_counts.flushes_page++;
    mmu_forget_page(address);
}

void tlb_flush_user(void)
{
    machine_counts.flushes_all++;
    arch_tlb_flush_user();
}

bool hardware_up_to_date(const struct processor *processor)
{
    return processor->done == request.number;
}
