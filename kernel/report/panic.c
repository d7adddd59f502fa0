/* kernel/report/panic.c - the last words.
 *
 * An invariant is broken, so nothing is trusted: no lock, no allocation, no interrupts; only
 * text on the serial line and the screen. What happened, in words; the registers, if a trap
 * brought us here; how we got here; and the end. */
#include "lib/panic.h"
#include "arch/cpu.h"
#include "arch/detour.h"
#include "arch/kernel_lock.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "kernel/report/log.h"
#include "lib/print.h"

#define VECTOR_DOUBLE_FAULT 8

static const char *const vector_names[32] = {
    [0] = "divide error",
    [1] = "debug",
    [2] = "non-maskable interrupt",
    [3] = "breakpoint",
    [4] = "overflow",
    [5] = "bound range exceeded",
    [6] = "invalid instruction",
    [7] = "no FPU",
    [8] = "double fault",
    [10] = "invalid TSS",
    [11] = "segment not present",
    [12] = "stack segment fault",
    [13] = "general protection",
    [14] = "page fault",
    [16] = "x87 error",
    [17] = "alignment check",
    [18] = "machine check",
    [19] = "SIMD error",
    [21] = "control protection",
};

/* The second panic while the first is being told: say only that, and stop. */
static void panic_begin(void)
{
    static bool begun;
    __asm__ volatile("cli");
    if (begun) {
        log_line("panic: another while this one was being told; stopped");
        machine_off(MACHINE_PANIC);
    }
    begun = true;
    if (several_processors())
        processors_halt();
}

static _Noreturn void panic_end(uint64_t rip, uint64_t rbp)
{
    log_line("cr2 %016lx  cr3 %016lx  time %lu ns", cr2_read(), cr3_read(), time_now());
    log_line("called from:");
    backtrace(rip, rbp, log_line);
    log_line("stopped");
    machine_off(MACHINE_PANIC);
}

void panic(const char *fmt, ...)
{
    char reason[200];
    va_list arguments;
    va_start(arguments, fmt);
    format_list(reason, sizeof(reason), fmt, arguments);
    va_end(arguments);
    panic_begin();
    log_line("panic: %s", reason);
    panic_end((uint64_t)__builtin_return_address(0),
              *(const uint64_t *)__builtin_frame_address(0));
}

/* --- A trap that cannot be served ------------------------------------------------ */

static void tell_registers(const struct trap_frame *frame)
{
    log_line("rip %016lx  cs %04lx  rflags %08lx  error %lx", frame->rip, frame->cs,
             frame->rflags, frame->error);
    log_line("rsp %016lx  ss %04lx", frame->rsp, frame->ss);
    log_line("rax %016lx  rbx %016lx  rcx %016lx", frame->rax, frame->rbx, frame->rcx);
    log_line("rdx %016lx  rsi %016lx  rdi %016lx", frame->rdx, frame->rsi, frame->rdi);
    log_line("rbp %016lx  r8  %016lx  r9  %016lx", frame->rbp, frame->r8, frame->r9);
    log_line("r10 %016lx  r11 %016lx  r12 %016lx", frame->r10, frame->r11, frame->r12);
    log_line("r13 %016lx  r14 %016lx  r15 %016lx", frame->r13, frame->r14, frame->r15);
}

static const char *access_word(const struct trap_frame *frame)
{
    if (frame->error & FAULT_CODE_FETCH)
        return "executed";
    return frame->error & FAULT_CODE_WRITE ? "wrote" : "read";
}

/* Why the processor refused the access (SDM 3A, 4.7). */
static const char *refusal_word(const struct trap_frame *frame, uintptr_t address)
{
    if (frame->error & FAULT_CODE_RESERVED)
        return "an entry that leads there has reserved bits set";
    if (stack_guard_contains(address))
        return "the guard page under a kernel stack: the stack has overflowed";
    if (!(frame->error & FAULT_CODE_PRESENT))
        return address < PAGE_SIZE ? "nothing is there (a null pointer)"
                                   : "nothing is there";
    if (address < KERNEL_HALF)
        return "user memory, which the kernel reaches through arch/user.h only";
    return frame->error & FAULT_CODE_FETCH ? "that page may not be executed"
                                           : "that page is read-only";
}

static void tell_reason(const struct trap_frame *frame, uintptr_t address)
{
    const char *name = frame->vector < 32 ? vector_names[frame->vector] : NULL;
    const char *mode = trap_from_user(frame) ? "user mode" : "the kernel";
    if (frame->vector == VECTOR_PAGE_FAULT)
        log_line("panic: page fault in %s: it %s %#lx: %s", mode, access_word(frame),
                 address, refusal_word(frame, address));
    else if (frame->vector == VECTOR_DOUBLE_FAULT && stack_guard_contains(address))
        log_line("panic: kernel stack overflow: rsp %#lx, %#lx is in the guard page "
                 "(double fault)",
                 frame->rsp, address);
    else
        log_line("panic: %s (vector %lu, error %#lx) in %s", name ? name : "unknown trap",
                 frame->vector, frame->error, mode);
}

void kernel_trap_fatal(struct trap_frame *frame, uintptr_t address)
{
    panic_begin();
    tell_reason(frame, address);
    tell_registers(frame);
    panic_end(frame->rip, frame->rbp);
}
