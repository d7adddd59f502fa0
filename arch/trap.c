/* arch/trap.c - the tables that say where the processor enters the kernel.
 *
 * The GDT's segments have no work left in 64-bit mode but to carry the privilege level; the
 * IDT leads each vector to its stub in entry.asm; the TSS names the stacks: the thread's
 * kernel stack for entries from user mode, and three stacks of their own (IST) for #DF, NMI
 * and #MC, which may come when the kernel stack cannot be trusted. #PF has none: a fault
 * within a fault would overwrite the first one's frame. */
#include "arch/entry.h"
#include "arch/layout.h"
#include "arch/machine.h"

#define SELECTOR_TSS 0x28

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

/* SDM 3A, 8.7. */
struct tss {
    uint32_t reserved0;
    uint64_t rsp0, rsp1, rsp2;
    uint64_t reserved1;
    uint64_t ist[7]; /* ist[0] is IST1 */
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));

/* SDM 3A, 6.14.1. */
struct gate {
    uint16_t offset_low, selector;
    uint8_t ist, type;
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};

struct table_pointer {
    uint16_t limit;
    const void *base;
} __attribute__((packed));

struct fixup {
    uint64_t instruction, resume;
};

struct tss tss;
uint64_t syscall_user_rsp;
uint32_t return_work;
uint32_t stack_junk_words; /* below each call's frame: arch/syscall.asm */

static uint64_t gdt[] = {
    0,
    0x00af9b000000ffff, /* kernel code */
    0x00cf93000000ffff, /* kernel data */
    0x00cff3000000ffff, /* user data, before user code: SYSRET wants it so */
    0x00affb000000ffff, /* user code */
    0,                  /* the TSS, two entries */
    0,
};
static struct gate idt[256];

extern char trap_entries[], interrupt_ignore[], syscall_entry[],
    syscall_entry_audited[];                              /* entry.asm */
extern const struct fixup extable_start[], extable_end[]; /* linker.ld */

/* Also gone are the loader's tables: LDTR, which user code could name in a selector, names
 * nothing (SDM 3A, 3.5.1). */
static void gdt_load(void)
{
    uint64_t base = (uint64_t)&tss;
    gdt[SELECTOR_TSS / 8] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89ul << 40 |
                            (base >> 24 & 0xff) << 56;
    gdt[SELECTOR_TSS / 8 + 1] = base >> 32;

    struct table_pointer pointer = {sizeof(gdt) - 1, gdt};
    __asm__ volatile("lgdt %0\n\t"
                     "mov %1, %%ss\n\t"
                     "push %2\n\t"
                     "lea 1f(%%rip), %%rax\n\t"
                     "push %%rax\n\t"
                     "lretq\n"
                     "1:\n\t"
                     "ltr %w3\n\t"
                     "lldt %w4"
                     :
                     : "m"(pointer), "r"(SELECTOR_KERNEL_DATA), "i"(SELECTOR_KERNEL_CODE),
                       "r"(SELECTOR_TSS), "r"(0)
                     : "rax", "memory");
}

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

static void idt_load(void)
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
    struct table_pointer pointer = {sizeof(idt) - 1, idt};
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

static void tss_fill(void)
{
    tss.rsp0 = (uint64_t)fixed_stack_top(STACK_BOOT);
    for (unsigned stack = STACK_DOUBLE_FAULT; stack < STACKS_FIXED; stack++)
        tss.ist[stack - 1] = (uint64_t)fixed_stack_top(stack);
    tss.io_map = sizeof(tss); /* beyond the limit: user code has no ports */
}

/* SYSCALL takes CS and SS from STAR's middle, SYSRET from its top: +16 and +8, with the
 * user's level set in both (SDM 2B, SYSRET). */
static void syscall_enable(void)
{
    msr_write(MSR_STAR, (uint64_t)(SELECTOR_KERNEL_DATA | 3) << 48 |
                            (uint64_t)SELECTOR_KERNEL_CODE << 32);
    msr_write(MSR_LSTAR, (uint64_t)syscall_entry);
    msr_write(MSR_SFMASK, SYSCALL_CLEARS);
    msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SYSCALL);
}

void trap_init(void)
{
    tss_fill();
    gdt_load();
    idt_load();
    syscall_enable();
}

void trap_audit_calls(bool junk)
{
    stack_junk_words = junk ? STACK_JUNK_BYTES / 8 : 0;
    msr_write(MSR_LSTAR, (uint64_t)syscall_entry_audited);
}

void trap_set_stack(void *top)
{
    tss.rsp0 = (uint64_t)top;
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

/* From entry.asm: #DB in the kernel. At the first instruction behind SYSCALL it was caused by user
 * code, and came late. The user gets no signal for it, as on processors that do not put it off.
 * Anywhere else it is a mistake of the kernel's. */
void trap_debug_in_kernel(struct trap_frame *frame)
{
    if (frame->rip != (uint64_t)syscall_entry &&
        frame->rip != (uint64_t)syscall_entry_audited)
        kernel_trap_fatal(frame, cr2_read());
}

/* From entry.asm: #DF, NMI, #MC. */
_Noreturn void trap_fatal(struct trap_frame *frame)
{
    kernel_trap_fatal(frame, cr2_read());
}
