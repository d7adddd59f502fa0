/* arch/trap.h - from the processor into the kernel and back.
 *
 * Whatever brings the processor into the kernel, an exception, an interrupt or SYSCALL,
 * the entry stubs (entry.asm) leave the same picture on the thread's kernel stack: a
 * struct trap_frame. The functions at the end are the kernel's, called from the stubs. */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include "arch/types.h"

struct trap_frame {
    uint64_t r15, r14, r13, r12, rbp, rbx;
    uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint64_t vector; /* VECTOR_SYSCALL for SYSCALL */
    uint64_t error;  /* the exception's error code; for SYSCALL the call's number */
    uint64_t rip, cs, rflags, rsp, ss;
};

#define VECTOR_PAGE_FAULT 14
#define VECTOR_TIMER      32
#define VECTOR_SHOOTDOWN  34 /* from another processor: arch/shootdown.c */
#define VECTOR_POKE       35
#define VECTOR_SERIAL     36
#define VECTOR_IGNORED    255 /* the LAPIC's spurious ones: back at once */
#define VECTOR_SYSCALL    256

/* Bits of a page fault's error code (SDM 3A, 4.7). */
#define FAULT_CODE_PRESENT  1u
#define FAULT_CODE_WRITE    2u
#define FAULT_CODE_USER     4u
#define FAULT_CODE_RESERVED 8u
#define FAULT_CODE_FETCH    16u

#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA   0x1b
#define SELECTOR_USER_CODE   0x23
#define SELECTOR_USER_NUMBER 0x3b /* its limit is the processor's number (LSL) */

#define RFLAGS_TF 0x100u
#define RFLAGS_IF 0x200u
#define RFLAGS_DF 0x400u
/* What user code may set in RFLAGS through sigreturn: CF PF AF ZF SF TF DF OF AC. */
#define RFLAGS_USER 0x40dd5u

/* With those the kernel does not run (SDM 3A, 6.12.1.2; SFMASK): TF IF DF NT AC. */
#define RFLAGS_NEVER 0x44700u

static inline bool trap_from_user(const struct trap_frame *frame)
{
    return frame->cs & 3;
}

/* On the first processor, once: fill the tables, and begin. Interrupts stay off. */
void trap_init(void);
/* On each: load GDT, IDT, TSS; set SYSCALL's registers. */
struct processor;
void trap_begin(struct processor *self);

/* SYSCALL enters as it does on the first processor now. */
void trap_begin_calls(void);

/* From now on look at the flags with which each system call begins and ends, and stop if they
 * are not the kernel's. `junk`: first overwrite what earlier calls left on the stack, so that
 * a call which gives away what it has not written shows (0x6b, of which there is a lot). */
void trap_audit_calls(bool junk);

/* If the instruction at frame->rip is one of the user-copy routines, continue at its
 * fixup, which makes the routine return how much is left, and return true. */
bool trap_fixup(struct trap_frame *frame);

/* --- Called from the stubs; defined in kernel/. Interrupts are off in all of them. --- */

/* `address` is CR2. Only #PF comes here. */
void kernel_page_fault(struct trap_frame *frame, uintptr_t address);
/* All other exceptions (not NMI, #DF, #MC). */
void kernel_exception(struct trap_frame *frame);
/* Panic with a report of this trap: NMI, #DF, #MC, and whatever the other handlers cannot
 * let pass. `address`: what was accessed, of use for #PF and #DF. */
_Noreturn void kernel_trap_fatal(struct trap_frame *frame, uintptr_t address);
/* frame->vector says which; the end of interrupt has been signalled already. */
void kernel_interrupt(struct trap_frame *frame);
/* frame->rax holds the number on entry and the result on return. */
void kernel_syscall(struct trap_frame *frame);
/* Called before every return to user mode when `return_work` is not zero (and after it
 * has been, again until it is zero): signals, rescheduling. */
void kernel_return_work(struct trap_frame *frame);

#endif
