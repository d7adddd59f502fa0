/* arch/context.c - what the processor holds for one thread, kept and put back.
 *
 * The kernel uses neither FPU nor SSE, so user code's stay in the registers until another
 * thread runs; then they are exchanged at once: FXSAVE and FXRSTOR cost less than the
 * exception that a lazy exchange would need. The bases of FS and GS cannot be changed by user
 * code (CR4.FSGSBASE is off), so what was last written is remembered here, not read back.
 * But user code can load selectors into FS and GS, which changes the base behind our back:
 * they are cleared, and the bases written, at every switch. */
#include "arch/cpu.h"
#include "arch/machine.h"
#include "arch/processor.h"
#include "lib/string.h"

/* context.asm */
void context_swap(uint64_t *from_rsp, uint64_t to_rsp);
extern char context_start[];

/* As FXSAVE lays it out (SDM 1, table 10-2): FCW 0x037f, MXCSR 0x1f80; all else is zero. */
#define FPU_NOT_ZERO 32
static const _Alignas(16) uint8_t fpu_initial[512] = {0x7f, 0x03, [24] = 0x80, 0x1f};

void fpu_save(uint8_t image[512])
{
    __asm__ volatile("fxsave64 (%0)" : : "r"(image) : "memory");
}

void fpu_load(const uint8_t image[512])
{
    __asm__ volatile("fxrstor64 (%0)" : : "r"(image) : "memory");
}

void fpu_reset(void)
{
    fpu_load(fpu_initial);
}

void cpu_set_fs_base(uint64_t base)
{
    this_processor->context->fs_base = base;
    msr_write(MSR_FS_BASE, base);
}

uint64_t cpu_get_fs_base(void)
{
    return this_processor->context->fs_base;
}

void cpu_set_gs_base(uint64_t base)
{
    this_processor->context->gs_base = base;
    msr_write(MSR_GS_BASE_OTHER, base);
}

uint64_t cpu_get_gs_base(void)
{
    return this_processor->context->gs_base;
}

void cpu_refuse_tsc(struct cpu_context *context, bool refused)
{
    context->tsc_refused = refused;
    cr4_write(refused ? cr4_read() | CR4_TSD : cr4_read() & ~CR4_TSD);
}

void context_init(struct cpu_context *context, void *stack_top, void (*entry)(void *),
                  void *argument)
{
    /* What context_swap pops, lowest first; then context_start runs with an aligned stack. */
    uint64_t *stack = (uint64_t *)stack_top - 7;
    stack[0] = 0;                       /* r15 */
    stack[1] = 0;                       /* r14 */
    stack[2] = (uint64_t)argument;      /* r13 */
    stack[3] = (uint64_t)entry;         /* r12 */
    stack[4] = 0;                       /* rbp: backtraces end here */
    stack[5] = 0;                       /* rbx */
    stack[6] = (uint64_t)context_start; /* return address */
    context->rsp = (uint64_t)stack;
    context->fs_base = context->gs_base = 0;
    memcpy(context->fpu, fpu_initial, FPU_NOT_ZERO); /* in memory that is cleared */
}

void context_save_user(struct cpu_context *context)
{
    context->fs_base = cpu_get_fs_base();
    context->gs_base = cpu_get_gs_base();
    fpu_save(context->fpu);
}

/* The base that goes with GS is the user's: the kernel's is put aside meanwhile. */
void cpu_clear_segments(void)
{
    __asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs;"
                     "swapgs; mov %0, %%gs; swapgs"
                     :
                     : "r"(0)
                     : "memory");
}

void context_switch(struct cpu_context *from, struct cpu_context *to, void *stack_top)
{
    fpu_save(from->fpu);
    fpu_load(to->fpu);
    cpu_clear_segments();
    msr_write(MSR_FS_BASE, to->fs_base);
    msr_write(MSR_GS_BASE_OTHER, to->gs_base);
    this_processor->context = to;
    if (from->tsc_refused != to->tsc_refused)
        cpu_refuse_tsc(to, to->tsc_refused);
    this_processor->tss.rsp0 = (uint64_t)stack_top;
    context_swap(&from->rsp, to->rsp);
}
