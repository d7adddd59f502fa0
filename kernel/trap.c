/* kernel/trap.c - a page fault, from the processor to memory management: whose it was.
 *
 * The processor leaves the address in CR2 and says by an error code what was wrong; entry.asm
 * hands both over. A page fault is served first, if it can be (fault.h). A signal, with the
 * number, code and address that Linux gives, comes only of what memory management refuses, and
 * of what serving cannot cure: no instruction faults for ever. In the kernel just one kind of
 * exception is not a bug: a page fault on a user address inside the routines that copy from and
 * to user memory. It is served in the same way, and if it cannot be, the copy ends there (SDM
 * 3A, 6.15). All other exceptions: exception.c. */
#include "kernel/trap.h"

#include "kernel/parameter.h"
#include "kernel/process/process.h"
#include "kernel/process/step.h"
#include "kernel/report/watch.h"
#include "lib/panic.h"
#include "mm/mm.h"

static unsigned fault_access(const struct trap_frame *frame)
{
    if (frame->error & FAULT_CODE_FETCH)
        return ACCESS_EXECUTE;
    return frame->error & FAULT_CODE_WRITE ? ACCESS_WRITE : ACCESS_READ;
}

static void fault_count(struct process *process, const struct fault_report *report)
{
    __atomic_fetch_add(&process->faults[report->kind], 1, __ATOMIC_RELAXED);
    if (report->kind == FAULT_INVALID)
        return;
    if (report->major)
        current->major_faults++;
    else
        current->minor_faults++;
}

void trap_audit_flags(void)
{
    uint64_t flags = parameters.audit ? cpu_flags() : 0;
    if (flags & RFLAGS_NEVER)
        panic("the kernel runs with the user's flags: %lx", flags);
}

/* audit=N on the command line: after every N faults. */
static void fault_audit(void)
{
    trap_audit_flags();
    static uint64_t since;
    if (__atomic_add_fetch(&since, 1, __ATOMIC_RELAXED) < parameters.audit)
        return;
    thread_enter();
    since = 0;
    unsigned broken = audit();
    if (broken)
        panic("the audit after a fault found %u invariants broken, told above", broken);
}

#define FRAME_WORDS (sizeof(struct trap_frame) / sizeof(uint64_t))
#define FRAME_ERROR (__builtin_offsetof(struct trap_frame, error) / sizeof(uint64_t))

/* A page could be evicted for the next, or some are pinned: else there is nothing to do. */
static bool pins_matter(const struct space *space)
{
    return current->pins.count > 0 || group_counts(space->group) ||
           frame_counts.free < frame_watermarks.high;
}

void trap_begin_pins(const struct space *space, const struct trap_frame *frame)
{
    if (pins_matter(space))
        fault_pins_begin(&current->pins, space, (const uint64_t *)frame, FRAME_WORDS,
                         FRAME_ERROR);
}

/* The processor itself, on behalf of user code, came to a page that is there with the
 * kernel's rights: for a descriptor, say, or a frame on the stack that it returns by. */
static bool fault_is_implicit(const struct trap_frame *frame)
{
    return trap_from_user(frame) &&
           (frame->error & (FAULT_CODE_PRESENT | FAULT_CODE_USER)) == FAULT_CODE_PRESENT;
}

/* The same instruction as at the last spurious fault, and nobody else has run since? */
static bool fault_again(const struct trap_frame *frame, uintptr_t address)
{
    uint64_t which =
        fault_pins_instruction((const uint64_t *)frame, FRAME_WORDS, FRAME_WORDS) ^ address;
    uint64_t others = thread_others();
    if (current->spurious_fault != which || current->spurious_others != others)
        current->spurious_times = 0;
    current->spurious_fault = which;
    current->spurious_others = others;
    return current->spurious_times++ >= thread_repeats();
}

/* The entry allowed the access already. That may be, once: somebody was faster, or the TLB
 * was behind. But what the processor refuses for another reason, it would refuse for ever. */
static bool fault_is_endless(const struct trap_frame *frame, uintptr_t address,
                             bool reference)
{
    return fault_is_implicit(frame) || (!reference && fault_again(frame, address));
}

static void fault_begin(const struct trap_frame *frame, uintptr_t address)
{
    struct space *space = process_current()->space;
    if (group_traced(space->group))
        step_fault_begins(frame, space, address);
    trap_begin_pins(space, frame);
}

/* Where each reference is seen, it may be no page fault at all, only that. */
static bool fault_is_reference(const struct trap_frame *frame, uintptr_t address,
                               const struct fault_report *report)
{
    struct space *space = process_current()->space;
    if (!group_traced(space->group) || report->kind == FAULT_INVALID)
        return false;
    return step_fault_served(frame, space, address, fault_access(frame), report);
}

/* Have memory management serve it; count it and show it to whoever watches. */
static enum fault_result fault_serve(const struct trap_frame *frame, uintptr_t address)
{
    struct process *process = process_current();
    struct fault_report report;
    unsigned access = fault_access(frame);
    uint64_t begin = process->watch ? time_now() : 0;
    fault_begin(frame, address);
    enum fault_result result =
        fault_handle_pinned(process->space, address, access, &current->pins, &report);
    bool reference = fault_is_reference(frame, address, &report);
    if (!reference)
        fault_count(process, &report);
    if (parameters.audit)
        fault_audit();
    if (process->watch && !reference)
        watch_fault(frame, address, access, &report, time_now() - begin);
    if (report.kind == FAULT_SPURIOUS && fault_is_endless(frame, address, reference))
        return FAULT_NO_ACCESS;
    return result;
}

static void fault_signal(enum fault_result result, uintptr_t address)
{
    switch (result) {
    case FAULT_DONE:
    case FAULT_KILLED:
        break;
    case FAULT_NO_REGION:
        signal_fault(SIGSEGV, SEGV_MAPERR, address);
        break;
    case FAULT_NO_ACCESS:
        signal_fault(SIGSEGV, SEGV_ACCERR, address);
        break;
    case FAULT_BEYOND_END:
    case FAULT_LOST:
        signal_fault(SIGBUS, BUS_ADRERR, address);
        break;
    }
}

/* Of what the kernel has mapped up there, the program is told nothing: all of it "is there". */
void trap_remember(const struct trap_frame *frame, uintptr_t address)
{
    current->fault_vector = frame->vector;
    current->fault_code = frame->error | (address >= USER_END ? FAULT_CODE_PRESENT : 0);
    current->fault_address = address;
}

/* Does it need the kernel's lock from the first, where it comes without it? */
static __attribute__((noinline)) bool fault_is_watched(void)
{
    struct process *process = process_current();
    return process->watch || current->pins.count > 0 || group_traced(process->space->group);
}

static void fault_of_user_begins(struct trap_frame *frame)
{
    account_user();
    if (thread_alone() && fault_is_watched())
        thread_enter();
    step_hide(frame);
}

static __attribute__((noinline, cold)) void fault_of_user_refused(struct trap_frame *frame,
                                                                  uintptr_t address,
                                                                  enum fault_result result)
{
    thread_enter();
    trap_remember(frame, address);
    if (fault_is_implicit(frame)) /* as the #GP that another processor makes of it */
        signal_fault(SIGSEGV, SI_KERNEL, 0);
    else
        fault_signal(result, address);
}

static void fault_of_user_ends(struct trap_frame *frame, uintptr_t address,
                               enum fault_result result)
{
    if (__builtin_expect(result != FAULT_DONE, false))
        fault_of_user_refused(frame, address, result);
    step_show(frame);
    account_kernel();
}

/* The routine that copies is left at its fixup, unless the page can be had: here, if nothing is to
 * be had for it at all. */
static bool fault_of_copy_begins(struct trap_frame *frame, uintptr_t address)
{
    uint64_t rip = frame->rip;
    if (address >= USER_END || !trap_fixup(frame))
        kernel_trap_fatal(frame, address);
    if (!process_current() || signal_fatal(current))
        return false;
    frame->rip = rip;
    return true;
}

/* One call may copy as much as memory holds: others must have their turn meanwhile, and may end
 * it. */
static void fault_of_copy_ends(struct trap_frame *frame, enum fault_result result)
{
    if (result == FAULT_DONE)
        thread_breathe();
    else
        trap_fixup(frame);
}

void kernel_page_fault(struct trap_frame *frame, uintptr_t address)
{
    if (frame->error & FAULT_CODE_RESERVED)
        kernel_trap_fatal(frame, address);
    bool user = trap_from_user(frame);
    if (user)
        fault_of_user_begins(frame);
    else if (!fault_of_copy_begins(frame, address))
        return;
    enum fault_result result = fault_serve(frame, address);
    if (user)
        fault_of_user_ends(frame, address, result);
    else
        fault_of_copy_ends(frame, result);
}
