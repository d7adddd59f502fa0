/* kernel/exception.c - exceptions that are no page faults, interrupts, and the way back to user
 * code.
 *
 * Exceptions of user code that are no page faults (trap.c) become signals, with the number,
 * code and address that Linux gives; one of the kernel's is a bug. Interrupts come from the
 * timer and the serial line. On the way back to user code, what had to wait until the kernel
 * holds nothing is done. */
#include "kernel/trap.h"

#include "arch/processor.h"
#include "kernel/process/process.h"
#include "kernel/process/step.h"
#include "kernel/report/watch.h"
#include "kernel/terminal/tty_input.h"
#include "kernel/thrashing/sampling.h"
#include "mm/mm.h"

/* --- Exceptions ---------------------------------------------------------------------- */

#define X87_INVALID   0x01u
#define X87_DIVIDE    0x04u
#define X87_OVERFLOW  0x08u
#define X87_UNDERFLOW 0x12u /* and denormal operands */
#define X87_INEXACT   0x20u

/* si_code of SIGFPE from the exceptions that are raised and not masked. */
static int floating_code(unsigned raised)
{
    if (raised & X87_INVALID)
        return 7;
    if (raised & X87_DIVIDE)
        return 3;
    if (raised & X87_OVERFLOW)
        return 4;
    if (raised & X87_UNDERFLOW)
        return 5;
    return raised & X87_INEXACT ? 6 : 0;
}

/* FXSAVE image: control word at 0, status word at 2, MXCSR at 24 (SDM 1, 10.5.1). */
static int floating_code_of(uint64_t vector)
{
    _Alignas(16) uint8_t image[512];
    fpu_save(image);
    if (vector == 16) {
        unsigned control = image[0] | image[1] << 8, status = image[2] | image[3] << 8;
        return floating_code(status & ~control);
    }
    unsigned mxcsr = image[24] | image[25] << 8;
    return floating_code(mxcsr & ~(mxcsr >> 7) & 0x3f);
}

static void exception_signal(const struct trap_frame *frame)
{
    switch (frame->vector) {
    case 0: /* #DE: FPE_INTDIV */
        signal_fault(SIGFPE, 1, frame->rip);
        break;
    case 1: /* #DB: TRAP_TRACE */
        signal_fault(SIGTRAP, 2, frame->rip);
        break;
    case 3: /* #BP */
        signal_fault(SIGTRAP, SI_KERNEL, 0);
        break;
    case 6: /* #UD: ILL_ILLOPN */
        signal_fault(SIGILL, 2, frame->rip);
        break;
    case 11: /* #NP, #SS */
    case 12:
        signal_fault(SIGBUS, SI_KERNEL, 0);
        break;
    case 16: /* #MF, #XM */
    case 19:
        signal_fault(SIGFPE, floating_code_of(frame->vector), frame->rip);
        break;
    case 17: /* #AC: BUS_ADRALN */
        signal_fault(SIGBUS, 1, 0);
        break;
    default: /* #GP and what user code has no other way to raise */
        signal_fault(SIGSEGV, SI_KERNEL, 0);
        break;
    }
}

void kernel_exception(struct trap_frame *frame)
{
    if (!trap_from_user(frame))
        kernel_trap_fatal(frame, 0);
    trap_audit_flags();
    account_user();
    if (!step_exception(frame)) {
        trap_remember(frame, 0);
        exception_signal(frame);
    }
    account_kernel();
}

/* --- Interrupts --------------------------------------------------------------------- */

/* Is the instruction that pinned pages past? A program may compute, and fault no more. */
static void pins_look(const struct trap_frame *frame)
{
    struct trap_frame as_fault = *frame;
    as_fault.vector = VECTOR_PAGE_FAULT;
    trap_begin_pins(current->process->space, &as_fault);
}

void kernel_interrupt(struct trap_frame *frame)
{
    bool user = trap_from_user(frame);
    trap_audit_flags();
    if (user)
        account_user();
    if (user && current->pins.count > 0)
        pins_look(frame);
    if (frame->vector == VECTOR_TIMER) {
        timer_interrupt();
        if (current->process && current->process->cpu_timers)
            thread_set_work(current);
    } else if (frame->vector == VECTOR_POKE) {
        timer_poked();
    } else if (frame->vector == VECTOR_SERIAL) {
        tty_interrupt();
    }
    if (user)
        account_kernel();
}

/* What the kernel took of the reserve for this process: it waits here, where it holds
 * nothing, until there is as much again; in the last resort somebody is ended for it. */
static void debt_pay(void)
{
    if (frame_counts.free < frame_watermarks.reserve && !process_current()->essential)
        pageout_await(0);
}

void kernel_return_work(struct trap_frame *frame)
{
    account_user();
    step_hide(frame);
    this_processor->return_work = 0;
    current->work = 0;
    if (process_current()->cpu_timers)
        itimer_check();
    if (process_current()->sample_due)
        sampling_sample();
    debt_pay();
    if (current->watched)
        watch_await();
    signal_deliver(frame);
    if (several_processors())
        timer_poked();
    if (thread_turn_over(account_time()))
        thread_yield();
    step_show(frame);
    account_kernel();
}
