/* kernel/process/step.h - the single-step flag of exact mode, which the program does not see.
 *
 * What a reference was given is taken back by the trap behind its instruction
 * (docs/exact-mode.md), so TF is set whenever such an instruction goes on in user mode, and
 * only then. On every entry into the kernel it comes off again, before anything can copy
 * the flags. A program that sets TF itself is not supported in exact mode: its flag is lost
 * at its next reference. */
#ifndef KERNEL_PROCESS_STEP_H
#define KERNEL_PROCESS_STEP_H

#include "kernel/process/process.h"
#include "mm/mm.h"

/* An entry from user mode for anything but what follows: the flag comes off; the entries
 * stay, for the instruction may go on. */
static inline void step_hide(struct trap_frame *frame)
{
    if (current->stepping)
        frame->rflags &= ~(uint64_t)RFLAGS_TF;
}

/* The instruction is past, or will not go on: what it was given is taken back. */
void step_end(void);

/* User code is about to go on with `frame`. In the same instruction: the flag is set.
 * Elsewhere: the instruction will not go on. */
static inline void step_show(struct trap_frame *frame)
{
    if (!current->stepping)
        return;
    if (current->instruction->at == frame->rip)
        frame->rflags |= RFLAGS_TF;
    else
        step_end();
}

/* A fault at `address` begins in a space of a traced group, and has been served. True: a
 * reference only, and no page fault. */
void step_fault_begins(const struct trap_frame *frame, struct space *space,
                       uintptr_t address);
bool step_fault_served(const struct trap_frame *frame, struct space *space,
                       uintptr_t address, unsigned access,
                       const struct fault_report *report);

/* The current thread is to let another run, perhaps in the middle of its instruction: what that was
 * given is taken back. This takes the mm lock, so it comes before the scheduler's is taken. */
static inline void step_pause(void) EXCLUDES(mm)
{
    if (current->stepping && current->process)
        group_instruction_pauses(current->instruction, current->process->space);
}

/* An exception other than a page fault has come. True: it was the trap that we wanted. */
bool step_exception(struct trap_frame *frame);

/* SYSCALL: it is past, and has copied the flags to R11. */
void step_syscall(struct trap_frame *frame);

#endif
