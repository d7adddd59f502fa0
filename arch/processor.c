/* arch/processor.c - what each processor has of its own.  See processor.h for the idea.
 *
 * The GDT's segments have no work left in 64-bit mode but to carry the privilege level, and they
 * are the same everywhere. But the GDT also says where the TSS is, and a TSS is one
 * processor's: it names the stacks, the running thread's kernel stack for entries from user mode,
 * and four of their own (IST) for #DF, NMI, #MC and #DB, which may come when the kernel stack
 * cannot be trusted. And one segment says which processor it is: user code may ask for its limit
 * (LSL), and needs no system call for that (kernel/vdso/image.asm). */
#include "arch/processor.h"
#include "arch/machine.h"
#include "arch/trap.h"
#include "lib/string.h"

#define SELECTOR_TSS 0x28

struct processor processors[PROCESSORS_MOST];

/* arch/frame.inc has these numbers. */
_Static_assert(offsetof(struct processor, user_rsp) == 8 &&
                   offsetof(struct processor, return_work) == 16 &&
                   offsetof(struct processor, tss) + offsetof(struct tss, rsp0) == 28 &&
                   offsetof(struct processor, mode) == 128,
               "the entries know where these are");

static const uint64_t segments[GDT_ENTRIES] = {
    0,
    0x00af9b000000ffff, /* kernel code */
    0x00cf93000000ffff, /* kernel data */
    0x00cff3000000ffff, /* user data, before user code: SYSRET wants it so */
    0x00affb000000ffff, /* user code */
    0,                  /* the TSS, two entries */
    0,
    0x0040f10000000000, /* for user code to read its limit: the processor's number */
};

static void gdt_fill(struct processor *self)
{
    uint64_t base = (uint64_t)&self->tss;
    memcpy(self->gdt, segments, sizeof(segments));
    self->gdt[SELECTOR_TSS / 8] = (sizeof(struct tss) - 1) | (base & 0xffffff) << 16 |
                                  0x89ul << 40 | (base >> 24 & 0xff) << 56;
    self->gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
    self->gdt[SELECTOR_USER_NUMBER / 8] |= self->number; /* bytes, as G is 0 */
}

/* Also gone are the loader's tables: LDTR, which user code could name in a selector, names
 * nothing (SDM 3A, 3.5.1). */
static void gdt_load(const struct processor *self)
{
    struct table_pointer pointer = {sizeof(self->gdt) - 1, self->gdt};
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

static void tss_fill(struct processor *self)
{
    self->tss.rsp0 = (uint64_t)self->stacks[STACK_BOOT];
    for (unsigned stack = STACK_DOUBLE_FAULT; stack < STACKS_FIXED; stack++)
        self->tss.ist[stack - 1] = (uint64_t)self->stacks[stack];
    self->tss.io_map = sizeof(self->tss); /* beyond the limit: user code has no ports */
}

void processor_load(struct processor *self)
{
    self->self = self;
    self->number = (uint32_t)(self - processors);
    self->timer_deadline = self->timer_armed = UINT64_MAX;
    tss_fill(self);
    gdt_fill(self);
    gdt_load(self);
    msr_write(MSR_GS_BASE, (uint64_t)self);
    msr_write(MSR_GS_BASE_OTHER, 0);
}
