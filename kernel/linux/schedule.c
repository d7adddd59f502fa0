/* kernel/linux/schedule.c - the calls about the processor: whose turn, how long, how important.
 *
 * There is one processor, and round robin with equal slices, among programs first and
 * then among the threads of each; before them come those with a real-time priority
 * (kernel/process/turns.c). What else programs ask for promises nothing, and is kept and
 * told (nice values, SCHED_BATCH, SCHED_IDLE). */
#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/process/process.h"

static struct thread *thread_named(uint64_t id)
{
    return (int)id == 0 ? current : thread_find((int)id);
}

SYSCALL(sched_yield)
{
    thread_yield();
    return 0;
}

SYSCALL(sched_getaffinity, pid, size, mask_at)
{
    const uint64_t mask = 1;
    if (!thread_named(pid))
        return -ESRCH;
    if (size < sizeof(mask) || size % sizeof(mask))
        return -EINVAL;
    return copy_to_user((void __user *)mask_at, &mask, sizeof(mask)) ? -EFAULT
                                                                     : (long)sizeof(mask);
}

SYSCALL(sched_setaffinity, pid, size, mask_at)
{
    uint64_t mask = 0;
    if (!thread_named(pid))
        return -ESRCH;
    size_t length = size < sizeof(mask) ? size : sizeof(mask);
    if (copy_from_user(&mask, (const void __user *)mask_at, length) != 0)
        return -EFAULT;
    return mask & 1 ? 0 : -EINVAL;
}

SYSCALL(getcpu, cpu_at, node_at)
{
    const uint32_t zero = 0;
    if (cpu_at && copy_to_user((void __user *)cpu_at, &zero, sizeof(zero)) != 0)
        return -EFAULT;
    return node_at && copy_to_user((void __user *)node_at, &zero, sizeof(zero)) ? -EFAULT
                                                                                : 0;
}

/* --- Policies ------------------------------------------------------------------------- */

static bool policy_known(int policy)
{
    return policy >= SCHED_OTHER && policy <= SCHED_IDLE && policy != 4;
}

/* Of these at least the priorities are known (6: SCHED_DEADLINE). */
static bool policy_named(uint64_t policy)
{
    return policy_known((int)policy) || (int)policy == 6;
}

static bool policy_real_time(int policy)
{
    policy &= ~SCHED_RESET_ON_FORK;
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* The priority in a struct sched_param (0 but for real time); -EFAULT, -EINVAL: not one
 * of the policy's. */
static long priority_check(uint64_t address, int policy)
{
    int priority;
    if (!address)
        return -EINVAL;
    if (copy_from_user(&priority, (const void __user *)address, sizeof(priority)) != 0)
        return -EFAULT;
    if (policy_real_time(policy))
        return priority >= 1 && priority <= 99 ? priority : -EINVAL;
    return priority == 0 ? 0 : -EINVAL;
}

/* A thread that waits for its turn already goes on as it was asked when that has come. */
static long policy_set(uint64_t id, uint32_t policy, uint64_t parameter)
{
    long priority = priority_check(parameter, (int)policy);
    if (priority < 0)
        return priority;
    struct thread *thread = thread_named(id); /* the copy may have slept */
    if (!thread)
        return -ESRCH;
    thread->policy = policy;
    turns_urge(thread, priority);
    if (thread == current)
        thread_yield();
    return 0;
}

SYSCALL(sched_setscheduler, pid, policy, parameters_at)
{
    if ((int)pid < 0 || !policy_known((int)(policy & ~(uint64_t)SCHED_RESET_ON_FORK)))
        return -EINVAL;
    return thread_named(pid) ? policy_set(pid, policy, parameters_at) : -ESRCH;
}

SYSCALL(sched_getscheduler, pid)
{
    const struct thread *thread = thread_named(pid);
    if ((int)pid < 0)
        return -EINVAL;
    return thread ? (long)thread->policy : -ESRCH;
}

SYSCALL(sched_setparam, pid, parameters_at)
{
    if ((int)pid < 0)
        return -EINVAL;
    const struct thread *thread = thread_named(pid);
    return thread ? policy_set(pid, thread->policy, parameters_at) : -ESRCH;
}

SYSCALL(sched_getparam, pid, parameters_at)
{
    const struct thread *thread = thread_named(pid);
    if ((int)pid < 0 || !parameters_at)
        return -EINVAL;
    if (!thread)
        return -ESRCH;
    const int priority = thread->urgent;
    return copy_to_user((void __user *)parameters_at, &priority, sizeof(priority)) ? -EFAULT
                                                                                   : 0;
}

SYSCALL(sched_get_priority_max, policy)
{
    return !policy_named(policy) ? -EINVAL : policy_real_time((int)policy) ? 99 : 0;
}

SYSCALL(sched_get_priority_min, policy)
{
    return !policy_named(policy) ? -EINVAL : policy_real_time((int)policy) ? 1 : 0;
}

SYSCALL(sched_rr_get_interval, pid, interval_at)
{
    if ((int)pid < 0)
        return -EINVAL;
    const struct thread *thread = thread_named(pid);
    if (!thread)
        return -ESRCH;
    bool sliced = (thread->policy & ~SCHED_RESET_ON_FORK) != SCHED_FIFO;
    return timespec_write(interval_at, sliced ? SLICE_NS : 0);
}

/* --- Nice values: kept and shown ------------------------------------------------------------ */

enum { PRIO_PROCESS, PRIO_PGRP, PRIO_USER };

/* The next process at or behind `process` that `which` and `who` mean. */
static struct process *priority_next(struct process *process, uint64_t which, int who)
{
    const struct process *self = process_current();
    for (; process; process = process->next) {
        if (which == PRIO_USER && who == 0)
            return process;
        if (which == PRIO_PGRP && process->group == (who ? who : self->group))
            return process;
        if (which == PRIO_PROCESS && process == (who ? process_of(who) : self))
            return process;
    }
    return NULL;
}

SYSCALL(getpriority, which, who)
{
    long highest = -ESRCH;
    if (which > PRIO_USER)
        return -EINVAL;
    struct process *process = priority_next(process_first, which, (int)who);
    for (; process; process = priority_next(process->next, which, (int)who))
        if (20 - process->nice > highest)
            highest = 20 - process->nice;
    return highest;
}

SYSCALL(setpriority, which, who, niceness)
{
    int nice = (int)niceness < -20 ? -20 : (int)niceness > 19 ? 19 : (int)niceness;
    if (which > PRIO_USER)
        return -EINVAL;
    struct process *process = priority_next(process_first, which, (int)who);
    if (!process)
        return -ESRCH;
    for (; process; process = priority_next(process->next, which, (int)who))
        process->nice = nice;
    return 0;
}
