/* kernel/process/step.c - one instruction at a time, unseen.  See kernel/process/step.h
 * for the idea.
 *
 * Two instructions show the flags to the program: SYSCALL in R11, and PUSHF on its stack,
 * where the flag is taken out once the word has been pushed. */
#include "kernel/process/step.h"

#include "arch/user.h"
#include "mm/mm.h"

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
    if (current->stepping)
        group_instruction_ends(current->instruction, process ? process->space : NULL);
    current->stepping = false;
    fault_pins_release(&current->pins);
}

void step_fault_begins(const struct trap_frame *frame, struct space *space,
                       uintptr_t address)
{
    uint64_t at = trap_from_user(frame) ? frame->rip : INSTRUCTION_CALL;
    group_fault_begins(current->instruction, space, at, address);
    current->stepping = current->instruction->count > 0;
}

/* What the kernel's copying was given goes back before user code runs. */
bool step_fault_served(const struct trap_frame *frame, struct space *space,
                       uintptr_t address, unsigned access,
                       const struct fault_report *report)
{
    if (!trap_from_user(frame))
        thread_set_work(current);
    bool reference =
        group_fault_served(current->instruction, space, address, access, report);
    current->stepping = current->instruction->count > 0;
    return reference;
}

/* Copy one byte of what the instruction has just referred to. Its page is there, as nothing has
 * slept since; a sleep would take it back, and one more reference be told. */
static bool byte_copy(void *to, const void *from, uint64_t user)
{
    return user_range_ok(user, 1) && copy_user_now(to, from, 1) == 0;
}

/* Was it a PUSHF, with whatever prefixes? */
static bool was_pushf(uint64_t rip)
{
    for (unsigned i = 0; i < INSTRUCTION_MAX; i++) {
        uint8_t byte;
        if (!byte_copy(&byte, (const void *)(rip + i), rip + i))
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
    uint64_t place = frame->rsp + TF_BYTE;
    if (!byte_copy(&byte, (const void *)place, place))
        return;
    byte &= ~TF_BIT_IN_BYTE;
    byte_copy((void *)place, &byte, place);
}

bool step_exception(struct trap_frame *frame)
{
    if (!current->stepping)
        return false;
    frame->rflags &= ~(uint64_t)RFLAGS_TF;
    bool stepped = frame->vector == VECTOR_DEBUG;
    if (stepped && was_pushf(current->instruction->at))
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
