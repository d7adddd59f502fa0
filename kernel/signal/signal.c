/* kernel/signal/signal.c - sending signals and delivering them.
 *
 * Sending makes a signal pending and wakes its target; nothing else happens in the sender.
 * What it does is decided when the target is about to run user code (kernel_return_work), in
 * its own thread: so a process is ended, stopped or diverted at one place only, with nothing
 * of the kernel's half done. Signals below SIGNAL_REALTIME are one bit each: sent twice,
 * delivered once. */
#include "kernel/signal/signal.h"

#include "kernel/process/core.h"
#include "kernel/process/process.h"
#include "kernel/signal/itimer.h"
#include "kernel/signal/signal_queue.h"
#include "kernel/thrashing/suspend.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define DEFAULT_IGNORED \
    (SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGURG) | SIGNAL_BIT(SIGWINCH))
#define DEFAULT_STOPS \
    (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))
#define DEFAULT_DUMPS                                                                \
    (SYNCHRONOUS | SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGABRT) | SIGNAL_BIT(SIGXCPU) | \
     SIGNAL_BIT(SIGXFSZ))
/* Raised by what the program did: delivered before all others. */
#define SYNCHRONOUS                                                                       \
    (SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGBUS) | SIGNAL_BIT(SIGILL) | SIGNAL_BIT(SIGFPE) | \
     SIGNAL_BIT(SIGTRAP) | SIGNAL_BIT(SIGSYS))

/* --- Asking ------------------------------------------------------------------------- */

static struct signal_action *action_of(const struct process *process, int signal)
{
    return &process->handlers->action[signal - 1];
}

/* Signals that another thread waits for, and this one does not: they are the other's. */
static uint64_t __attribute__((noinline)) awaited_elsewhere(const struct thread *thread)
{
    uint64_t awaited = 0;
    const struct thread *other = thread->process->threads;
    for (; other; other = other->sibling)
        awaited |= other->signals_awaited;
    return awaited & ~thread->signals_awaited;
}

/* Those that are the thread's to take. */
static uint64_t pending_of(const struct thread *thread)
{
    uint64_t pending = (thread->signals_pending | thread->process->signals_pending) &
                       ~thread->signals_blocked;
    if (pending && thread->process->thread_count > 1)
        pending &= thread->signals_pending | ~awaited_elsewhere(thread);
    return pending;
}

bool signal_pending(const struct thread *thread)
{
    return thread->process && pending_of(thread) != 0;
}

bool signal_ignored(const struct process *process, int signal)
{
    uint64_t handler = action_of(process, signal)->handler;
    if (handler == SIG_DFL)
        return process->essential || (DEFAULT_IGNORED & SIGNAL_BIT(signal));
    return handler == SIG_IGN;
}

static bool signal_ends(const struct process *process, int signal)
{
    return action_of(process, signal)->handler == SIG_DFL &&
           !((DEFAULT_IGNORED | DEFAULT_STOPS) & SIGNAL_BIT(signal));
}

uint64_t signal_deadly(uint64_t set)
{
    uint64_t deadly = 0;
    for (set &= ~DEFAULT_DUMPS; set; set &= set - 1)
        if (signal_ends(process_current(), __builtin_ctzll(set) + 1))
            deadly |= set & -set;
    return deadly;
}

bool signal_fatal(const struct thread *thread)
{
    if (!thread->process)
        return false;
    if (thread
            ->leaving) /* its last words are worth a page, unless memory is what it dies of */
        return thread->process->space && thread->process->space->ending;
    for (uint64_t set = pending_of(thread); set; set &= set - 1)
        if (signal_ends(thread->process, __builtin_ctzll(set) + 1))
            return true;
    return false;
}

/* --- Sending ------------------------------------------------------------------------ */

void signal_discard_thread(struct thread *thread, uint64_t set)
{
    thread->signals_pending &= ~set;
    signal_queue_discard(&thread->signal_info, set);
}

void signal_discard(struct process *process, uint64_t set)
{
    process->signals_pending &= ~set;
    signal_queue_discard(&process->signal_info, set);
    for (struct thread *thread = process->threads; thread; thread = thread->sibling)
        signal_discard_thread(thread, set);
}

/* A stopped process runs again: it goes on, and its parent is told, or (SIGKILL) it ends. */
static void process_run(struct process *process, bool goes_on)
{
    if (!process->stopped)
        return;
    process->stopped = false;
    process->continued = goes_on;
    thread_wake(&process->stopped);
    if (goes_on)
        process_tell_parent(process, WAIT_CONTINUED);
}

/* What happens at once, whatever the signal's action: stopping and going on cancel each
 * other, and a process that is to end must run to do it. */
static void send_effects(struct process *process, int signal)
{
    if (signal == SIGCONT) {
        signal_discard(process, DEFAULT_STOPS);
        process_run(process, true);
    } else if (DEFAULT_STOPS & SIGNAL_BIT(signal)) {
        signal_discard(process, SIGNAL_BIT(SIGCONT));
    } else if (signal == SIGKILL) {
        process_run(process, false);
    }
}

static void thread_tell(struct thread *thread, int signal)
{
    if (thread->signals_blocked & SIGNAL_BIT(signal))
        return;
    thread_set_work(thread);
    thread_interrupt(thread, signal_ends(thread->process, signal));
}

/* A signal for the process needs one thread to take it: the first that waits for it, else the
 * first that does not block it. */
static void process_tell(struct process *process, int signal)
{
    struct thread *thread = NULL, *other = process->threads;
    for (; other; other = other->sibling) {
        if (other->signals_awaited & SIGNAL_BIT(signal)) {
            thread = other;
            break;
        }
        if (!thread && !(other->signals_blocked & SIGNAL_BIT(signal)))
            thread = other;
    }
    if (thread)
        thread_tell(thread, signal);
}

void signal_retarget(struct process *process, uint64_t set)
{
    for (set &= process->signals_pending; set; set &= set - 1)
        process_tell(process, __builtin_ctzll(set) + 1);
}

bool signal_in_vain(const struct process *process, int signal)
{
    const struct thread *thread = process->threads;
    if (!thread || !signal_ignored(process, signal))
        return false;
    while (thread &&
           !((thread->signals_blocked | thread->signals_awaited) & SIGNAL_BIT(signal)))
        thread = thread->sibling;
    return !thread;
}

void signal_send_info(struct process *process, const struct signal_info *info)
{
    if (process->state == PROCESS_ZOMBIE)
        return;
    send_effects(process, info->signal);
    if (signal_in_vain(process, info->signal))
        return;
    signal_queue_add(process, &process->signals_pending, &process->signal_info, info);
    process_tell(process, info->signal);
}

void signal_send_thread(struct thread *thread, const struct signal_info *info)
{
    struct process *process = thread->process;
    send_effects(process, info->signal);
    if (signal_in_vain(process, info->signal))
        return;
    signal_queue_add(process, &thread->signals_pending, &thread->signal_info, info);
    thread_tell(thread, info->signal);
}

void signal_send(struct process *process, int signal, int code, int sender)
{
    struct signal_info info = {.signal = signal, .code = code, .sender = sender};
    signal_send_info(process, &info);
}

void signal_group(int group, int signal)
{
    for (struct process *process = process_first; process; process = process->next)
        if (process->group == group)
            signal_send(process, signal, SI_KERNEL, 0);
}

void signal_kill(struct process *process)
{
    if (process->state == PROCESS_ZOMBIE)
        return;
    process_run(process, false);
    process->signals_pending |= SIGNAL_BIT(SIGKILL);
    for (struct thread *thread = process->threads; thread; thread = thread->sibling) {
        thread_set_work(thread);
        thread_interrupt(thread, true);
    }
}

void signal_fault(int signal, int code, uintptr_t address)
{
    struct signal_info info = {.signal = signal, .code = code, .value = address};
    struct signal_action *action = action_of(process_current(), signal);
    if (action->handler == SIG_IGN || (current->signals_blocked & SIGNAL_BIT(signal))) {
        action->handler = SIG_DFL;
        current->signals_blocked &= ~SIGNAL_BIT(signal);
    }
    signal_queue_add(process_current(), &current->signals_pending, &current->signal_info,
                     &info);
    thread_set_work(current);
}

/* No copy is finished for a process that a signal ends: then it is that one that ends it. */
void signal_frame_lost(void)
{
    if (signal_fatal(current))
        thread_set_work(current);
    else
        signal_fault(SIGSEGV, SI_KERNEL, 0);
}

/* --- Delivering --------------------------------------------------------------------- */

/* The current thread blocks signals of `set` from now on: it may have been told of one that it will
 * not take now; and what is blocked is not ignored. */
static __attribute__((noinline)) void mask_tell(uint64_t set)
{
    if (process_current()->thread_count > 1)
        signal_retarget(process_current(), set);
    itimer_go_on(process_current(), set);
}

void signal_set_mask(uint64_t mask)
{
    uint64_t before = current->signals_blocked;
    current->signals_blocked = mask & ~SIGNALS_UNBLOCKABLE;
    if (pending_of(current))
        thread_set_work(current);
    if (process_current()->thread_count > 1 || process_current()->itimers)
        mask_tell(current->signals_blocked & ~before);
}

static int first_of(uint64_t set)
{
    uint64_t urgent = set & SYNCHRONOUS;
    return __builtin_ctzll(urgent ? urgent : set) + 1;
}

bool signal_take(uint64_t set, struct signal_info *info)
{
    struct process *process = process_current();
    if (process->signals_pending & set & SIGNAL_BIT(SIGKILL))
        set = SIGNAL_BIT(SIGKILL);
    uint64_t own = current->signals_pending & set, common = process->signals_pending & set;
    if (own) {
        signal_queue_take(process, &current->signals_pending, &current->signal_info,
                          first_of(own), info);
        return true;
    }
    if (common && process->thread_count > 1)
        common &= ~awaited_elsewhere(current);
    if (common)
        signal_queue_take(process, &process->signals_pending, &process->signal_info,
                          first_of(common), info);
    return common;
}

bool process_group_orphaned(int group)
{
    for (struct process *p = process_first; p; p = p->next)
        if (p->group == group && p->state == PROCESS_ALIVE && p->parent &&
            p->parent != process_init && p->parent->group != group &&
            p->parent->session == p->session)
            return false;
    return true;
}

/* Until the process goes on, or this thread is to end. (SIGKILL makes it go on.) */
static void stop_wait(const struct process *process)
{
    while (process->stopped && !thread_must_end(current))
        thread_sleep(&process->stopped, SLEEP_ALWAYS, UINT64_MAX);
}

/* The thread that took the signal stops all: each stops itself before it runs user code. */
static void process_stop(int signal)
{
    struct process *process = process_current();
    if (signal != SIGSTOP && process_group_orphaned(process->group))
        return;
    process->stopped = true;
    process->stop_told = process->continued = false;
    process->wait_status = signal << 8 | 0x7f;
    itimer_go_on(process, SIGNAL_BIT(SIGCONT)); /* ignored or not, it will go on by it */
    for (struct thread *thread = process->threads; thread; thread = thread->sibling) {
        if (thread == current || thread->leaving)
            continue;
        thread_set_work(thread);
        thread_interrupt(thread, false);
    }
    process_tell_parent(process, process->wait_status);
    stop_wait(process);
}

static void default_action(int signal)
{
    if (DEFAULT_IGNORED & SIGNAL_BIT(signal))
        return;
    if (DEFAULT_STOPS & SIGNAL_BIT(signal)) {
        process_stop(signal);
        return;
    }
    if (DEFAULT_DUMPS & SIGNAL_BIT(signal))
        core_write(signal);
    process_exit(signal);
}

/* Calls that a handler with SA_RESTART does not make fail (signal(7)). */
static bool call_restarts(uint64_t number)
{
    switch (number) {
    case 0:   /* read */
    case 1:   /* write */
    case 2:   /* open */
    case 16:  /* ioctl */
    case 17:  /* pread64 */
    case 18:  /* pwrite64 */
    case 19:  /* readv */
    case 20:  /* writev */
    case 40:  /* sendfile */
    case 44:  /* sendto */
    case 45:  /* recvfrom */
    case 61:  /* wait4 */
    case 72:  /* fcntl */
    case 73:  /* flock */
    case 85:  /* creat */
    case 202: /* futex */
    case 247: /* waitid */
    case 257: /* openat */
    case 318: /* getrandom */
    case 449: /* futex_waitv */
        return true;
    default:
        return false;
    }
}

/* Calls that are not begun again even after a stop without a handler (signal(7)). */
static bool call_ends_by_stop(const struct trap_frame *frame)
{
    uint64_t number = frame->vector == VECTOR_SYSCALL ? frame->error : 0;
    return number == 128 /* rt_sigtimedwait */ || number == 232 /* epoll_wait */ ||
           number == 281 /* epoll_pwait */ || number == 441 /* epoll_pwait2 */;
}

/* A call that a signal cut short is begun again: SYSCALL's two bytes are run once more. With
 * a handler (not NULL) only if it asked for that. */
static void call_restart(struct trap_frame *frame, const struct signal_action *handler)
{
    bool timed = current->sleep_until; /* with a time limit, none is begun again */
    if (handler)                       /* whose calls have limits of their own */
        current->sleep_until = 0;
    if (frame->vector != VECTOR_SYSCALL || (int64_t)frame->rax != -EINTR)
        return;
    frame->vector = 0;
    if (handler) {
        if (timed || !(handler->flags & SA_RESTART) || !call_restarts(frame->error))
            return;
    }
    frame->rax = frame->error;
    frame->rip -= 2;
}

static void handler_run(struct trap_frame *frame, struct signal_action *action,
                        const struct signal_info *info)
{
    struct signal_action taken = *action;
    uint64_t mask =
        current->saved_mask_valid ? current->saved_mask : current->signals_blocked;
    current->saved_mask_valid = false;
    if (taken.flags & SA_RESETHAND)
        action->handler = SIG_DFL;
    call_restart(frame, &taken);
    if (!signal_frame_push(frame, &taken, info, mask)) {
        if (info->signal == SIGSEGV)
            action->handler = SIG_DFL;
        signal_frame_lost();
        return;
    }
    uint64_t blocked = current->signals_blocked | taken.mask;
    if (!(taken.flags & SA_NODEFER))
        blocked |= SIGNAL_BIT(info->signal);
    signal_set_mask(blocked);
}

/* Before a thread may run user code: is it to end, is the process stopped? */
static inline void deliver_others(struct process *process)
{
    if (process->stopped)
        stop_wait(process);
    if (process->suspended)
        suspend_wait(process);
    if (thread_must_end(current))
        process_exit_thread(process->exit_status);
}

void signal_deliver(struct trap_frame *frame)
{
    struct process *process = process_current();
    struct signal_info info;
    bool stops = process->stopped;
    deliver_others(process);
    while (signal_take(~current->signals_blocked, &info)) {
        struct signal_action *action = action_of(process, info.signal);
        if (action->handler == SIG_DFL) {
            stops |= (DEFAULT_STOPS & SIGNAL_BIT(info.signal)) != 0;
            default_action(info.signal);
        } else if (action->handler != SIG_IGN) {
            handler_run(frame, action, &info);
            return;
        }
        stops |= process->stopped;
        deliver_others(process);
    }
    if (stops && call_ends_by_stop(frame))
        current->sleep_until = 0;
    else
        call_restart(frame, NULL);
    if (current->saved_mask_valid) {
        current->saved_mask_valid = false;
        signal_set_mask(current->saved_mask);
    }
}
