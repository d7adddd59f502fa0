/* step.c - a program that steps itself: with TF set every instruction ends in SIGTRAP, and a
 * system call counts as one of them. SYSRET would take TF along and trap too early, or the
 * kernel would be stepped. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>
#include <unistd.h>

enum { STEPS = 64 };

static volatile uintptr_t steps[STEPS];
static volatile unsigned count;
static volatile int codes_wrong;

static void stepped(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *frame = context;

    (void)signal;
    codes_wrong += info->si_code != TRAP_TRACE ||
                   (uintptr_t)info->si_addr != (uintptr_t)frame->uc_mcontext.gregs[REG_RIP];
    if (count < STEPS)
        steps[count++] = (uintptr_t)frame->uc_mcontext.gregs[REG_RIP];
}

/* getpid between NOPs, stepped; what it returned. The labels say where a step may end. */
long stepped_call(void);
extern const char step_first[], step_call[], step_behind[], step_second[], step_off[];
__asm__(".text\n"
        "stepped_call:\n"
        "    mov $39, %eax\n"
        "    pushfq; orq $0x100, (%rsp); popfq\n"
        "    nop\n"
        "step_first:\n"
        "    nop\n"
        "step_call:\n"
        "    syscall\n"
        "step_behind:\n"
        "    nop\n"
        "step_second:\n"
        "    nop\n"
        "step_off:\n"
        "    pushfq; andq $~0x100, (%rsp); popfq\n"
        "    ret\n");

static bool ended_at(const char *place)
{
    for (unsigned i = 0; i < count; i++)
        if (steps[i] == (uintptr_t)place)
            return true;
    return false;
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = stepped, .sa_flags = SA_SIGINFO};

    sigaction(SIGTRAP, &action, NULL);
    check_equal(stepped_call(), getpid(), "a call with TF set returns what it should");
    check_equal(codes_wrong, 0, "each step is told as TRAP_TRACE, at its end");
    check(ended_at(step_first) && ended_at(step_call), "steps before the call");
    check(!ended_at(step_behind), "the call and the instruction behind it are one step");
    check(ended_at(step_second) && ended_at(step_off), "steps behind it");
    check_equal(count, 7, "seven in all");
    return tap_end();
}
