/* kernel/linux/syscall.c - where system calls arrive. */
#include "kernel/linux/syscall.h"

#include "arch/user.h"
#include "kernel/process/step.h"
#include "kernel/report/log.h"
#include "lib/string.h"
#include "mm/mm.h"

#define MISSING_MESSAGES 64 /* in all: a log is to be read */

/* Programs try the same missing call again and again; one line says it. */
static struct {
    uint64_t number;
    uint64_t program;
} told[MISSING_MESSAGES];
static unsigned told_count;

static bool tell(uint64_t number)
{
    uint64_t program;
    __builtin_memcpy(&program, process_current()->name, sizeof(program));
    for (unsigned i = 0; i < told_count; i++)
        if (told[i].number == number && told[i].program == program)
            return false;
    if (told_count == MISSING_MESSAGES)
        return false;
    told[told_count].number = number;
    told[told_count++].program = program;
    return true;
}

static long syscall_unknown(uint64_t number)
{
    if (tell(number))
        log_line("%s[%d] called %lu (%s), which is not here: ENOSYS",
                 process_current()->name, process_current()->id, number,
                 syscall_name(number));
    return -ENOSYS;
}

long structure_read(void *to, size_t known, uint64_t address, uint64_t size)
{
    size_t length = size < known ? size : known;
    uint8_t byte;
    if (size > PAGE_SIZE)
        return -E2BIG;
    memset(to, 0, known);
    if (copy_from_user(to, (const void __user *)address, length) != 0)
        return -EFAULT;
    for (uint64_t at = length; at < size; at++) {
        if (copy_from_user(&byte, (const void __user *)(address + at), 1) != 0)
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    return 0;
}

void kernel_syscall(struct trap_frame *frame)
{
    account_user();
    if (current->stepping)
        step_syscall(frame);
    if (current->pins.count > 0) /* the instruction that wanted those pages is past */
        fault_pins_release(&current->pins);
    uint64_t number = frame->rax;
    syscall_t call = number < SYSCALLS_MAX ? syscall_table[number] : NULL;
    if (call)
        frame->rax =
            call(frame->rdi, frame->rsi, frame->rdx, frame->r10, frame->r8, frame->r9);
    else
        frame->rax = syscall_unknown(number);
    account_kernel();
}
