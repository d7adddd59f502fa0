/* kernel/linux/signal.c - the calls about signals. Signal sets are 64 bits wide: their
 * size is always 8. */
#include "kernel/signal/signal.h"

#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/process/process.h"
#include "kernel/signal/itimer.h"

#define SET_SIZE 8u

static bool signal_valid(uint64_t signal)
{
    return signal >= 1 && signal <= SIGNALS;
}

/* 0: only look whether there is somebody. */
static bool signal_or_none(int signal)
{
    return signal >= 0 && signal <= SIGNALS;
}

SYSCALL(rt_sigaction, int signal, uint64_t action_at, uint64_t old_at, uint64_t set_size)
{
    struct signal_action next, old;
    if (set_size != SET_SIZE)
        return -EINVAL;
    /* The structure of the call has handler, flags, restorer, mask: as ours. */
    if (action_at &&
        copy_from_user(&next, (const void __user *)action_at, sizeof(next)) != 0)
        return -EFAULT;
    if (!signal_valid(signal) || (action_at && (SIGNAL_BIT(signal) & SIGNALS_UNBLOCKABLE)))
        return -EINVAL;
    struct signal_action *action = &process_current()->handlers->action[signal - 1];
    old = *action;
    if (action_at) {
        next.mask &= ~SIGNALS_UNBLOCKABLE;
        next.flags &= SA_ALL; /* by which a program learns what there is */
        *action = next;
        process_current()->handlers->told |= SIGNAL_BIT(signal);
        if (signal_ignored(process_current(), signal))
            signal_discard(process_current(), SIGNAL_BIT(signal));
        itimer_go_on(process_current(), SIGNAL_BIT(signal));
    }
    return old_at && copy_to_user((void __user *)old_at, &old, sizeof(old)) ? -EFAULT : 0;
}

SYSCALL(rt_sigprocmask, uint32_t how, uint64_t set_at, uint64_t old_at, uint64_t set_size)
{
    enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };
    uint64_t old = current->signals_blocked, set;
    if (set_size != SET_SIZE)
        return -EINVAL;
    if (set_at) {
        if (copy_from_user(&set, (const void __user *)set_at, sizeof(set)) != 0)
            return -EFAULT;
        if (how > SIG_SETMASK)
            return -EINVAL;
        signal_set_mask(how == SIG_BLOCK     ? old | set
                        : how == SIG_UNBLOCK ? old & ~set
                                             : set);
    }
    return old_at && copy_to_user((void __user *)old_at, &old, sizeof(old)) ? -EFAULT : 0;
}

SYSCALL(rt_sigpending, uint64_t set_at, uint64_t set_size)
{
    uint64_t set = (current->signals_pending | process_current()->signals_pending) &
                   current->signals_blocked;
    if (set_size > SET_SIZE)
        return -EINVAL;
    return copy_to_user((void __user *)set_at, &set, set_size) ? -EFAULT : 0;
}

SYSCALL(rt_sigreturn)
{
    struct trap_frame *frame = current->user_frame;
    if (!signal_frame_pop(frame))
        signal_frame_lost();
    return frame->rax;
}

SYSCALL(pause)
{
    return thread_sleep(current, SLEEP_INTERRUPTIBLE, UINT64_MAX);
}

SYSCALL(rt_sigsuspend, uint64_t mask_at, uint64_t set_size)
{
    uint64_t mask;
    if (set_size != SET_SIZE)
        return -EINVAL;
    if (copy_from_user(&mask, (const void __user *)mask_at, sizeof(mask)) != 0)
        return -EFAULT;
    current->saved_mask = current->signals_blocked;
    current->saved_mask_valid = true;
    signal_set_mask(mask);
    return thread_sleep(current, SLEEP_INTERRUPTIBLE, UINT64_MAX);
}

/* Take one of `set`, of which `open` were not blocked before the wait: as on Linux, one of these
 * that ends the process does so, and a core is all that whoever waits can prevent. */
static bool await_take(uint64_t set, uint64_t open, struct signal_info *info)
{
    return signal_take(set & ~signal_deadly(set & open), info);
}

/* The signals waited for are usually blocked; for the wait they are not, so that they end
 * the sleep, but they are taken here before they could be delivered. */
SYSCALL(rt_sigtimedwait, uint64_t set_at, uint64_t info_at, uint64_t timeout_at,
        uint64_t set_size)
{
    uint64_t set, ns, deadline = UINT64_MAX;
    struct signal_info info;
    if (set_size != SET_SIZE)
        return -EINVAL;
    if (copy_from_user(&set, (const void __user *)set_at, sizeof(set)) != 0)
        return -EFAULT;
    set &= ~SIGNALS_UNBLOCKABLE;
    int error = timeout_at ? timespec_read(timeout_at, &ns) : 0;
    if (error < 0)
        return error;
    if (timeout_at)
        deadline = deadline_keep(deadline_after(ns));
    uint64_t blocked = current->signals_blocked;
    current->signals_blocked &= ~set;
    current->signals_awaited = blocked & set; /* not ignored: they are blocked otherwise */
    bool taken = await_take(set, ~blocked, &info);
    while (!taken && error == 0) {
        error = thread_sleep(current, SLEEP_INTERRUPTIBLE, deadline);
        taken = await_take(set, ~blocked, &info);
    }
    current->signals_awaited = 0;
    signal_set_mask(blocked);
    if (!taken)
        return error == -ETIMEDOUT ? -EAGAIN : deadline_remember(error, deadline);
    uint8_t encoded[128];
    signal_info_encode(&info, encoded);
    if (info_at && copy_to_user((void __user *)info_at, encoded, sizeof(encoded)) != 0)
        return -EFAULT;
    return info.signal;
}

struct linux_stack {
    uint64_t start;
    uint32_t flags, padding;
    uint64_t size;
};

SYSCALL(sigaltstack, uint64_t stack_at, uint64_t old_at)
{
    uint64_t rsp = current->user_frame->rsp;
    struct linux_stack next,
        old = {
            .start = current->alternate_stack,
            .flags = signal_stack_is_on(rsp) ? SS_ONSTACK : current->alternate_flags,
            .size = current->alternate_size,
        };
    if (stack_at && copy_from_user(&next, (const void __user *)stack_at, sizeof(next)) != 0)
        return -EFAULT;
    int error = stack_at ? signal_stack_set(rsp, next.start, next.flags, next.size) : 0;
    if (error < 0)
        return error;
    return old_at && copy_to_user((void __user *)old_at, &old, sizeof(old)) ? -EFAULT : 0;
}

/* --- Sending ------------------------------------------------------------------------ */

static bool target_matches(const struct process *process, int pid)
{
    const struct process *self = process_current();
    if (pid == -1)
        return process != process_init && process != self;
    return process->group == (pid == 0 ? self->group : -pid);
}

/* To every process that `pid` (0, -1, -group) means. */
static long kill_many(int pid, const struct signal_info *info)
{
    bool any = false;
    for (struct process *process = process_first; process; process = process->next) {
        if (!target_matches(process, pid))
            continue;
        any = true;
        if (info->signal && signal_or_none(info->signal))
            signal_send_info(process, info);
    }
    return !any ? -ESRCH : signal_or_none(info->signal) ? 0 : -EINVAL;
}

/* To the process that a process's or a thread's id names. An id that nobody has is told first,
 * then a signal that there is not. */
static long process_send(int id, const struct signal_info *info)
{
    struct process *process = process_of(id);
    if (!process)
        return -ESRCH;
    if (!signal_or_none(info->signal))
        return -EINVAL;
    if (info->signal)
        signal_send_info(process, info);
    return 0;
}

SYSCALL(kill, int id, int signal)
{
    int pid = id;
    struct signal_info info = {
        .signal = signal, .code = SI_USER, .sender = process_current()->id};
    if (pid == INT32_MIN)
        return -ESRCH;
    return pid <= 0 ? kill_many(pid, &info) : process_send(pid, &info);
}

/* A queued signal is kept whole or not at all. (kill's need not be: it tells its sender, and
 * nothing else.) */
static bool queue_full(const struct process *process, int signal)
{
    return signal >= SIGNAL_REALTIME && signal <= SIGNALS &&
           !signal_queue_has_room(process) && !signal_in_vain(process, signal);
}

/* To one thread of the process `group` (0: of any). The first thread's id stays as long as its
 * process: nobody listens there any more, but it is not unknown. */
static long thread_send(int group, int id, const struct signal_info *info)
{
    if (id <= 0)
        return -EINVAL;
    const struct process *process = group ? process_find(group) : process_of(id);
    struct thread *thread = process ? process_thread(process, id) : NULL;
    if (!thread && (!process || process->id != id))
        return -ESRCH;
    if (!signal_or_none(info->signal))
        return -EINVAL;
    if (thread && queue_full(process, info->signal))
        return -EAGAIN;
    if (info->signal && thread)
        signal_send_thread(thread, info);
    return 0;
}

static long thread_kill(int group, int id, int signal)
{
    struct signal_info info = {
        .signal = signal, .code = SI_TKILL, .sender = process_current()->id};
    return thread_send(group, id, &info);
}

SYSCALL(tkill, int tid, int signal)
{
    return thread_kill(0, tid, signal);
}

SYSCALL(tgkill, int pid, int tid, int signal)
{
    return pid <= 0 ? -EINVAL : thread_kill(pid, tid, signal);
}

/* Linux's siginfo as sigqueue fills it: code at 8, pid 16, uid 20, value 24; and what the kernel's
 * has behind these. */
static long info_read(uint64_t address, int signal, struct signal_info *info)
{
    uint32_t given[12];
    if (copy_from_user(given, (const void __user *)address, sizeof(given)) != 0)
        return -EFAULT;
    *info = (struct signal_info){.signal = signal,
                                 .code = (int)given[2],
                                 .sender = given[4],
                                 .user = given[5],
                                 .value = given[6] | (uint64_t)given[7] << 32};
    return 0;
}

/* Only to itself may a thread say that a signal comes from the kernel. */
static bool info_is_forged(const struct signal_info *info, int to)
{
    return to != current->id && (info->code >= 0 || info->code == SI_TKILL);
}

SYSCALL(rt_sigqueueinfo, int pid, int signal, uint64_t info_at)
{
    struct signal_info info;
    long error = info_read(info_at, signal, &info);
    if (error < 0)
        return error;
    if (info_is_forged(&info, pid))
        return -EPERM;
    const struct process *process = process_of(pid);
    if (process && queue_full(process, info.signal))
        return -EAGAIN;
    return process_send(pid, &info);
}

SYSCALL(rt_tgsigqueueinfo, int pid, int tid, int signal, uint64_t info_at)
{
    struct signal_info info;
    long error = info_read(info_at, signal, &info);
    if (error < 0)
        return error;
    if (pid <= 0 || tid <= 0)
        return -EINVAL;
    return info_is_forged(&info, tid) ? -EPERM : thread_send(pid, tid, &info);
}
