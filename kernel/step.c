/* step.c - one instruction at a time, unseen.  See kernel/step.h for the idea.
 *
 * Two instructions show the flags to the program: SYSCALL in R11, and PUSHF on its stack,
 * where the flag is taken out once the word has been pushed. */
#include "kernel/step.h"

#include "arch/user.h"

#define VECTOR_DEBUG    1
#define INSTRUCTION_MAX 15
#define OPCODE_PUSHF    0x9c
#define PREFIX_OPERAND  0x66
#define PREFIX_REX      0x40
#define PREFIX_REX_MASK 0xf0
#define TF_BYTE         1u /* of the word on the stack */
#define TF_BIT_IN_BYTE  1u

void step_end(void)
{
    struct process *process = process_current();
    exact_end(&current->exact, process ? process->space : NULL);
    fault_pins_release(&current->pins);
}

/* Was it a PUSHF, with whatever prefixes? Its bytes were just fetched: they are there. */
static bool was_pushf(uint64_t rip)
{
    for (unsigned i = 0; i < INSTRUCTION_MAX; i++) {
        uint8_t byte;
        if (copy_from_user(&byte, (const void __user *)(rip + i), 1) != 0)
            return false;
        if (byte == OPCODE_PUSHF)
            return true;
        if (byte != PREFIX_OPERAND && (byte & PREFIX_REX_MASK) != PREFIX_REX)
            return false;
    }
    return false;
}

static void pushed_flags_hide(const struct trap_frame *frame)
{
    uint8_t byte;
    void __user *place = (void __user *)(frame->rsp + TF_BYTE);
    if (copy_from_user(&byte, place, 1) != 0)
        return;
    byte &= ~TF_BIT_IN_BYTE;
    copy_to_user(place, &byte, 1);
}

bool step_exception(struct trap_frame *frame)
{
    if (current->exact.count == 0)
        return false;
    frame->rflags &= ~(uint64_t)RFLAGS_TF;
    bool stepped = frame->vector == VECTOR_DEBUG;
    if (stepped && was_pushf(current->exact.instruction))
        pushed_flags_hide(frame);
    step_end();
    return stepped;
}

void step_syscall(struct trap_frame *frame)
{
    frame->rflags &= ~(uint64_t)RFLAGS_TF;
    frame->r11 &= ~(uint64_t)RFLAGS_TF;
    step_end();
}
