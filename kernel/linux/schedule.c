/* schedule.c - the calls about the processor: whose turn, how long, how important.
 *
 * There is one processor and one policy, round robin with equal slices, among programs first
 * and then among the threads of each (kernel/turns.c). What programs ask for is kept and told
 * where it promises nothing (nice values, SCHED_BATCH, SCHED_IDLE); the real-time policies do
 * promise something, so they are refused. */
#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/process.h"

enum { SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE = 5 };

static struct thread *thread_named(uint64_t id)
{
    return (int)id == 0 ? current : thread_find((int)id);
}

SYSCALL(sched_yield)
{
    thread_yield();
    return 0;
}

SYSCALL(sched_getaffinity)
{
    const uint64_t mask = 1;
    if (!thread_named(a))
        return -ESRCH;
    if (b < sizeof(mask) || b % sizeof(mask))
        return -EINVAL;
    return copy_to_user((void __user *)c, &mask, sizeof(mask)) ? -EFAULT
                                                               : (long)sizeof(mask);
}

SYSCALL(sched_setaffinity)
{
    uint64_t mask = 0;
    if (!thread_named(a))
        return -ESRCH;
    size_t length = b < sizeof(mask) ? b : sizeof(mask);
    if (copy_from_user(&mask, (const void __user *)c, length) != 0)
        return -EFAULT;
    return mask & 1 ? 0 : -EINVAL;
}

SYSCALL(getcpu)
{
    const uint32_t zero = 0;
    if (a && copy_to_user((void __user *)a, &zero, sizeof(zero)) != 0)
        return -EFAULT;
    return b && copy_to_user((void __user *)b, &zero, sizeof(zero)) ? -EFAULT : 0;
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
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* The priority in a struct sched_param; -EFAULT, -EINVAL: not one of the policy's. */
static long priority_check(uint64_t address, int policy)
{
    int priority;
    if (!address)
        return -EINVAL;
    if (copy_from_user(&priority, (const void __user *)address, sizeof(priority)) != 0)
        return -EFAULT;
    if (policy_real_time(policy))
        return priority >= 1 && priority <= 99 ? 0 : -EINVAL;
    return priority == 0 ? 0 : -EINVAL;
}

SYSCALL(sched_setscheduler)
{
    const int reset_on_fork = 0x40000000;
    int policy = (int)b & ~reset_on_fork;
    struct thread *thread = thread_named(a);
    if ((int)a < 0 || !policy_known(policy))
        return -EINVAL;
    if (!thread)
        return -ESRCH;
    long error = priority_check(c, policy);
    if (error < 0)
        return error;
    if (policy_real_time(policy))
        return -EPERM;
    thread = thread_named(a); /* the copy may have slept */
    if (!thread)
        return -ESRCH;
    thread->policy = policy;
    return 0;
}

SYSCALL(sched_getscheduler)
{
    const struct thread *thread = thread_named(a);
    if ((int)a < 0)
        return -EINVAL;
    return thread ? (long)thread->policy : -ESRCH;
}

SYSCALL(sched_setparam)
{
    if ((int)a < 0)
        return -EINVAL;
    return thread_named(a) ? priority_check(b, SCHED_OTHER) : -ESRCH;
}

SYSCALL(sched_getparam)
{
    const int priority = 0;
    if ((int)a < 0 || !b)
        return -EINVAL;
    if (!thread_named(a))
        return -ESRCH;
    return copy_to_user((void __user *)b, &priority, sizeof(priority)) ? -EFAULT : 0;
}

SYSCALL(sched_get_priority_max)
{
    return !policy_named(a) ? -EINVAL : policy_real_time((int)a) ? 99 : 0;
}

SYSCALL(sched_get_priority_min)
{
    return !policy_named(a) ? -EINVAL : policy_real_time((int)a) ? 1 : 0;
}

SYSCALL(sched_rr_get_interval)
{
    if ((int)a < 0)
        return -EINVAL;
    return thread_named(a) ? timespec_write(b, SLICE_NS) : -ESRCH;
}

/* --- Nice values: kept and shown ------------------------------------------------------------ */

enum { PRIORITY_PROCESS, PRIORITY_GROUP, PRIORITY_USER };

/* The next process at or behind `process` that `which` and `who` mean. */
static struct process *priority_next(struct process *process, uint64_t which, int who)
{
    const struct process *self = process_current();
    for (; process; process = process->next) {
        if (which == PRIORITY_USER && who == 0)
            return process;
        if (which == PRIORITY_GROUP && process->group == (who ? who : self->group))
            return process;
        if (which == PRIORITY_PROCESS && process == (who ? process_of(who) : self))
            return process;
    }
    return NULL;
}

SYSCALL(getpriority)
{
    long highest = -ESRCH;
    if (a > PRIORITY_USER)
        return -EINVAL;
    struct process *process = priority_next(process_first, a, (int)b);
    for (; process; process = priority_next(process->next, a, (int)b))
        if (20 - process->nice > highest)
            highest = 20 - process->nice;
    return highest;
}

SYSCALL(setpriority)
{
    int nice = (int)c < -20 ? -20 : (int)c > 19 ? 19 : (int)c;
    if (a > PRIORITY_USER)
        return -EINVAL;
    struct process *process = priority_next(process_first, a, (int)b);
    if (!process)
        return -ESRCH;
    for (; process; process = priority_next(process->next, a, (int)b))
        process->nice = nice;
    return 0;
}
