/* arch/machine.h - instructions that C has no words for, and the numbers they go with. */
#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H

#include "arch/types.h"

/* Model-specific registers (SDM 4). */
#define MSR_APIC_BASE     0x1bu
#define MSR_EFER          0xc0000080u
#define MSR_STAR          0xc0000081u /* SYSCALL's and SYSRET's segments */
#define MSR_LSTAR         0xc0000082u /* SYSCALL's entry */
#define MSR_SFMASK        0xc0000084u /* flags that SYSCALL clears */
#define MSR_FS_BASE       0xc0000100u
#define MSR_GS_BASE       0xc0000101u
#define MSR_GS_BASE_OTHER 0xc0000102u /* SWAPGS exchanges the two */

#define EFER_SYSCALL 0x001u
#define EFER_NX      0x800u

/* Control registers (SDM 3A, 2.5). */
#define CR0_MP 0x00000002ul /* WAIT heeds TS */
#define CR0_EM 0x00000004ul /* no x87: must be off for SSE */
#define CR0_TS 0x00000008ul
#define CR0_NE 0x00000020ul /* x87 errors are exceptions, not interrupts */
#define CR0_WP 0x00010000ul /* read-only binds the kernel too */
#define CR0_AM 0x00040000ul /* user code that sets AC has unaligned accesses refused */

#define CR4_TSD        0x00000004ul /* RDTSC not for user code */
#define CR4_MCE        0x00000040ul /* a machine check is #MC, not the end */
#define CR4_PGE        0x00000080ul /* global translations */
#define CR4_OSFXSR     0x00000200ul
#define CR4_OSXMMEXCPT 0x00000400ul
#define CR4_UMIP       0x00000800ul /* SGDT, SIDT, … not for user code */
#define CR4_SMEP       0x00100000ul /* the kernel executes no user page */
#define CR4_SMAP       0x00200000ul /* nor reads or writes one, unless AC is set */

static inline void port_write8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void port_write_bytes(uint16_t port, const void *bytes, size_t length)
{
    __asm__ volatile("rep outsb" : "+S"(bytes), "+c"(length) : "d"(port) : "memory");
}

static inline uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)(value & UINT32_MAX)),
                       "d"((uint32_t)(value >> 32))
                     : "memory");
}

static inline uint64_t tsc_read(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static inline uint64_t cr0_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}

static inline void cr0_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

static inline uint64_t cr2_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint64_t cr3_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

static inline void cr3_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static inline uint64_t cr4_read(void)
{
    uint64_t value;
    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static inline void cr4_write(uint64_t value)
{
    __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
}

#define CPUID_FEATURES 0x00000001u
#define CPUID_MCE      (1u << 7)   /* of its EDX */
#define CPUID_EXTENDED 0x80000001u /* a leaf; bits of its EDX: */
#define CPUID_SYSCALL  (1u << 11)
#define CPUID_1G_PAGES (1u << 26)

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid_read(uint32_t leaf)
{
    struct cpuid r;
    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(0));
    return r;
}

/* In a loop that waits for another processor. */
static inline void cpu_relax(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/* What LGDT and LIDT take (SDM 3A, 2.4). */
struct table_pointer {
    uint16_t limit;
    const void *base;
} __attribute__((packed));

static inline _Noreturn void halt_for_ever(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

#endif
