/* arch/trap.c - where the processor enters the kernel.
 *
 * The IDT leads each vector to its stub in entry.asm, and says which of them have a stack of
 * their own (arch/processor.c). #PF has none: a fault within a fault would overwrite the first
 * one's frame. SYSCALL has its entry in a register. */
#include "arch/entry.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "arch/processor.h"

#define GATE_INTERRUPT 0x8e /* present, 64-bit interrupt gate: clears IF */
#define GATE_FOR_USER  0x60 /* user code may call it with INT */

#define VECTOR_DEBUG         1
#define VECTOR_NMI           2
#define VECTOR_BREAKPOINT    3
#define VECTOR_OVERFLOW      4
#define VECTOR_DOUBLE_FAULT  8
#define VECTOR_PROTECTION    13
#define VECTOR_MACHINE_CHECK 18
#define VECTORS_NAMED        40

#define STACK_JUNK_BYTES 12288u /* of a stack of 16 KiB */

/* What SYSCALL clears (X86-CHECKLIST 26): IF TF DF AC NT. */
#define SYSCALL_CLEARS 0x44700ul

/* SDM 3A, 6.14.1. */
struct gate {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};

struct fixup {
    uint64_t instruction, resume;
};

uint32_t stack_junk_words; /* below each call's frame: arch/syscall.asm */

static struct gate idt[256];

extern char trap_entries[], interrupt_ignore[], syscall_entry[],
    syscall_entry_audited[];                              /* entry.asm */
static const char *call_entry = syscall_entry;            /* where SYSCALL enters */
extern const struct fixup extable_start[], extable_end[]; /* linker.ld */

static void gate_set(unsigned vector, uint64_t entry, unsigned ist, unsigned type)
{
    idt[vector] = (struct gate){
        .offset_low = (uint16_t)entry,
        .selector = SELECTOR_KERNEL_CODE,
        .ist = (uint8_t)ist,
        .type = (uint8_t)type,
        .offset_middle = (uint16_t)(entry >> 16),
        .offset_high = (uint32_t)(entry >> 32),
    };
}

static void idt_fill(void)
{
    const uint64_t *entries = (const uint64_t *)trap_entries;
    for (unsigned vector = 0; vector < ARRAY_SIZE(idt); vector++) {
        uint64_t entry =
            vector < VECTORS_NAMED ? entries[vector] : (uint64_t)interrupt_ignore;
        unsigned type = GATE_INTERRUPT;
        if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW)
            type |= GATE_FOR_USER;
        gate_set(vector, entry, 0, type);
    }
    idt[VECTOR_DEBUG].ist = STACK_DEBUG;
    idt[VECTOR_DOUBLE_FAULT].ist = STACK_DOUBLE_FAULT;
    idt[VECTOR_NMI].ist = STACK_NMI;
    idt[VECTOR_MACHINE_CHECK].ist = STACK_MACHINE_CHECK;
}

/* SYSCALL takes CS and SS from STAR's middle, SYSRET from its top: +16 and +8, with the
 * user's level set in both (SDM 2B, SYSRET). */
void trap_begin_calls(void)
{
    msr_write(MSR_STAR, (uint64_t)(SELECTOR_KERNEL_DATA | 3) << 48 |
                            (uint64_t)SELECTOR_KERNEL_CODE << 32);
    msr_write(MSR_LSTAR, (uint64_t)call_entry);
    msr_write(MSR_SFMASK, SYSCALL_CLEARS);
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SYSCALL);
}

void trap_begin(struct processor *self)
{
    struct table_pointer pointer = {sizeof(idt) - 1, idt};
    processor_load(self);
    __asm__ volatile("lidt %0" : : "m"(pointer));
    trap_begin_calls();
}

void trap_init(void)
{
    idt_fill();
    for (unsigned stack = 0; stack < STACKS_FIXED; stack++)
        processors[0].stacks[stack] = fixed_stack_top(stack);
    trap_begin(&processors[0]);
}

void trap_audit_calls(bool junk)
{
    stack_junk_words = junk ? STACK_JUNK_BYTES / 8 : 0;
    call_entry = syscall_entry_audited;
    trap_begin_calls();
}

bool trap_fixup(struct trap_frame *frame)
{
    for (const struct fixup *fixup = extable_start; fixup < extable_end; fixup++) {
        if (fixup->instruction == frame->rip) {
            frame->rip = fixup->resume;
            return true;
        }
    }
    return false;
}

/* From entry.asm: every exception but #PF, #DF, NMI and #MC. An IRETQ to what user code
 * asked for may fault in the kernel; the fixup makes it a fault of the user's. */
void trap_exception(struct trap_frame *frame)
{
    if (frame->vector == VECTOR_PROTECTION && !trap_from_user(frame) && trap_fixup(frame))
        return;
    kernel_exception(frame);
}

/* Where whose GS it is is not known: the kernel's base lies in its half. */
static void gs_take_back(void)
{
    if (msr_read(MSR_GS_BASE) < KERNEL_HALF)
        __asm__ volatile("swapgs" : : : "memory");
}

/* From entry.asm: #DB in the kernel. At the first instruction behind SYSCALL it was caused by user
 * code, and came late. The user gets no signal for it, as on processors that do not put it off.
 * Anywhere else it is a mistake of the kernel's. */
void trap_debug_in_kernel(struct trap_frame *frame)
{
    if (frame->rip == (uint64_t)syscall_entry ||
        frame->rip == (uint64_t)syscall_entry_audited)
        return;
    gs_take_back();
    kernel_trap_fatal(frame, cr2_read());
}

/* From entry.asm: #DF, NMI, #MC. */
_Noreturn void trap_fatal(struct trap_frame *frame)
{
    gs_take_back();
    kernel_trap_fatal(frame, cr2_read());
}
