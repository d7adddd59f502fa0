/* arch/cpu.c - turning on what the processor has for protection.
 *
 * Each feature makes one kind of bug fault at once instead of quietly working: NX executing
 * data, WP the kernel writing through copy-on-write, SMEP and SMAP the kernel running or
 * touching user memory by accident, UMIP user code reading where the kernel's tables are.
 * NX and WP are on since boot.asm; the others depend on CPUID. */
#include "arch/cpu.h"
#include "arch/machine.h"
#include "lib/string.h"

#define SMAP_BIT (1u << 20)

/* CPUID leaf 7 (SDM 2A, CPUID). */
static const struct feature {
    uint32_t ebx, ecx;
    uint64_t cr4;
    const char *name;
} features[] = {
    {1u << 7, 0, CR4_SMEP, " SMEP"},
    {SMAP_BIT, 0, CR4_SMAP, " SMAP"},
    {0, 1u << 2, CR4_UMIP, " UMIP"},
};

/* A NOP to become STAC or CLAC (arch/smap.inc). */
struct smap_patch {
    uint8_t *place;
    uint64_t last_byte;
};
extern const struct smap_patch smap_patches_start[], smap_patches_end[];

static char feature_text[64] = "NX WP";

/* The kernel's text is still writable: paging_init comes later. */
static void smap_patch(void)
{
    const struct smap_patch *patch = smap_patches_start;
    for (; patch < smap_patches_end; patch++) {
        patch->place[0] = 0x0f;
        patch->place[1] = 0x01;
        patch->place[2] = (uint8_t)patch->last_byte;
    }
}

static uint64_t features_enable(void)
{
    uint64_t cr4 = 0;
    if (cpuid_read(0).eax < 7)
        return cr4;
    struct cpuid leaf = cpuid_read(7);
    if (leaf.ebx & SMAP_BIT)
        smap_patch();
    for (unsigned i = 0; i < ARRAY_SIZE(features); i++) {
        const struct feature *feature = &features[i];
        if (!(leaf.ebx & feature->ebx) && !(leaf.ecx & feature->ecx))
            continue;
        cr4 |= feature->cr4;
        memcpy(feature_text + strlen(feature_text), feature->name,
               strlen(feature->name) + 1);
    }
    return cr4;
}

static uint64_t cr4_protecting; /* features_enable's answer: the same for all processors */

/* Without it a machine check shuts the machine down, and says nothing (SDM 3A, 6.15). */
static uint64_t machine_check_enable(void)
{
    return cpuid_read(CPUID_FEATURES).edx & CPUID_MCE ? CR4_MCE : 0;
}

static void control_registers_set(uint64_t more)
{
    cr0_write((cr0_read() | CR0_WP | CR0_NE | CR0_MP) & ~(CR0_EM | CR0_TS | CR0_AM));
    cr4_write(cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT | machine_check_enable() |
              cr4_protecting | more);
    fpu_reset();
}

void cpu_init(void)
{
    cr4_protecting = features_enable();
    control_registers_set(0);
}

void cpu_begin(void)
{
    control_registers_set(CR4_PGE);
}

bool cpu_has_syscall(void)
{
    return cpuid_read(CPUID_EXTENDED).edx & CPUID_SYSCALL;
}

uint64_t cpu_flags(void)
{
    uint64_t flags;
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    return flags;
}

const char *cpu_features(void)
{
    return feature_text;
}

void cpu_poll_interrupts(void)
{
    /* STI takes effect after the instruction that follows it. */
    __asm__ volatile("sti; nop; cli" : : : "memory");
}
