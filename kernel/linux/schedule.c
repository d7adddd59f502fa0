/* kernel/linux/schedule.c - the calls about processors: whose turn, where, how long, how important.
 *
 * It is round robin with equal slices, among programs first and
 * then among the threads of each; before them come those with a real-time priority
 * (kernel/process/turns.c). What else programs ask for promises nothing, and is kept and
 * told (nice values, SCHED_BATCH, SCHED_IDLE). */
#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/process/placement.h"
#include "kernel/process/process.h"

static struct thread *thread_named(int id)
{
    return id == 0 ? current : thread_find(id);
}

SYSCALL(sched_yield)
{
    thread_yield();
    return 0;
}

SYSCALL(sched_getaffinity, int pid, uint32_t size, uint64_t mask_at)
{
    const struct thread *thread = thread_named(pid);
    if (!thread)
        return -ESRCH;
    const uint64_t mask = thread->allowed & placement_online();
    if (size < sizeof(mask) || size % sizeof(mask))
        return -EINVAL;
    return copy_to_user((void __user *)mask_at, &mask, sizeof(mask)) ? -EFAULT
                                                                     : (long)sizeof(mask);
}

SYSCALL(sched_setaffinity, int pid, uint32_t size, uint64_t mask_at)
{
    uint64_t mask = 0;
    struct thread *thread = thread_named(pid);
    if (!thread)
        return -ESRCH;
    size_t length = size < sizeof(mask) ? size : sizeof(mask);
    if (copy_from_user(&mask, (const void __user *)mask_at, length) != 0)
        return -EFAULT;
    if (!(mask & placement_online()))
        return -EINVAL;
    placement_bind(thread, (uint32_t)(mask & placement_online()));
    return 0;
}

SYSCALL(getcpu, uint64_t cpu_at, uint64_t node_at)
{
    const uint32_t zero = 0, number = this_processor->number;
    if (cpu_at && copy_to_user((void __user *)cpu_at, &number, sizeof(number)) != 0)
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
static bool policy_named(int policy)
{
    return policy_known(policy) || policy == 6;
}

static bool policy_real_time(int policy)
{
    policy &= ~SCHED_RESET_ON_FORK;
    return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* Not 0 for real time alone. */
static bool priority_ok(uint32_t policy, uint32_t priority)
{
    return policy_real_time((int)policy) ? priority >= 1 && priority <= 99 : priority == 0;
}

/* A thread that waits for its turn already goes on as it was asked when that has come. */
static void policy_set(struct thread *thread, uint32_t policy, uint32_t priority)
{
    thread->policy = policy;
    turns_urge(thread, priority);
    if (thread == current)
        thread_yield();
}

/* The policy, and the priority that is told at `parameter`. */
static long policy_call(int id, uint32_t policy, uint64_t parameter)
{
    uint32_t priority;
    if (!parameter)
        return -EINVAL;
    if (copy_from_user(&priority, (const void __user *)parameter, sizeof(priority)) != 0)
        return -EFAULT;
    if (!priority_ok(policy, priority))
        return -EINVAL;
    struct thread *thread = thread_named(id); /* the copy may have slept */
    if (!thread)
        return -ESRCH;
    policy_set(thread, policy, priority);
    return 0;
}

SYSCALL(sched_setscheduler, int pid, int policy, uint64_t parameters_at)
{
    if (pid < 0 || !policy_known(policy & ~(int)SCHED_RESET_ON_FORK))
        return -EINVAL;
    return thread_named(pid) ? policy_call(pid, policy, parameters_at) : -ESRCH;
}

SYSCALL(sched_getscheduler, int pid)
{
    const struct thread *thread = thread_named(pid);
    if (pid < 0)
        return -EINVAL;
    return thread ? (long)thread->policy : -ESRCH;
}

SYSCALL(sched_setparam, int pid, uint64_t parameters_at)
{
    if (pid < 0)
        return -EINVAL;
    const struct thread *thread = thread_named(pid);
    return thread ? policy_call(pid, thread->policy, parameters_at) : -ESRCH;
}

SYSCALL(sched_getparam, int pid, uint64_t parameters_at)
{
    const struct thread *thread = thread_named(pid);
    if (pid < 0 || !parameters_at)
        return -EINVAL;
    if (!thread)
        return -ESRCH;
    const int priority = thread->urgent;
    return copy_to_user((void __user *)parameters_at, &priority, sizeof(priority)) ? -EFAULT
                                                                                   : 0;
}

struct sched_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t utilisation_least, utilisation_most;
};
#define ATTRIBUTES_FIRST 48u

/* The flags: of a deadline's are two more, which nobody has. */
enum {
    SCHED_FLAG_RESET_ON_FORK = 0x01,
    SCHED_FLAG_KEEP_POLICY = 0x08,
    SCHED_FLAG_KEEP_PARAMS = 0x10,
    SCHED_FLAG_UTIL_CLAMP_MIN = 0x20,
    SCHED_FLAG_UTIL_CLAMP_MAX = 0x40,
    FLAGS_OF_CLAMPS = SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX,
    FLAGS_KNOWN = 0x7f,
};

static int nice_clamped(int nice)
{
    return nice < -20 ? -20 : nice > 19 ? 19 : nice;
}

/* Whoever tells more than is known is told how much that is. */
static long attributes_read(struct sched_attributes *given, uint64_t address)
{
    uint32_t size, known = sizeof(*given);
    if (copy_from_user(&size, (const void __user *)address, sizeof(size)) != 0)
        return -EFAULT;
    size = size ? size : ATTRIBUTES_FIRST;
    long error = size < ATTRIBUTES_FIRST
                     ? -E2BIG
                     : structure_read(given, sizeof(*given), address, size);
    if (error == -E2BIG && copy_to_user((void __user *)address, &known, sizeof(known)) != 0)
        return -EFAULT;
    if (error == 0 && (given->flags & FLAGS_OF_CLAMPS) && size < known)
        return -EINVAL;
    return error;
}

static long attributes_set(struct thread *thread, const struct sched_attributes *given)
{
    bool keeps = given->flags & SCHED_FLAG_KEEP_POLICY;
    bool keeps_parameters = given->flags & SCHED_FLAG_KEEP_PARAMS;
    uint32_t policy = keeps ? thread->policy : given->policy;
    uint32_t priority = keeps_parameters ? thread->urgent : given->priority;
    if ((!keeps && !policy_known((int)policy)) || (given->flags & ~(uint64_t)FLAGS_KNOWN) ||
        !priority_ok(policy, priority))
        return -EINVAL;
    if (given->flags & FLAGS_OF_CLAMPS)
        return -EOPNOTSUPP; /* the processor has one speed */
    if (keeps_parameters)   /* and with them the policy */
        policy = thread->policy & ~SCHED_RESET_ON_FORK;
    else if (!policy_real_time((int)policy))
        thread->process->nice = nice_clamped(given->nice);
    if (keeps ? thread->policy & SCHED_RESET_ON_FORK
              : given->flags & SCHED_FLAG_RESET_ON_FORK)
        policy |= SCHED_RESET_ON_FORK;
    policy_set(thread, policy, priority);
    return 0;
}

SYSCALL(sched_setattr, int pid, uint64_t attributes_at, uint32_t flags)
{
    struct sched_attributes given;
    if (!attributes_at || pid < 0 || flags)
        return -EINVAL;
    long error = attributes_read(&given, attributes_at);
    if (error)
        return error;
    if ((int)given.policy < 0)
        return -EINVAL;
    struct thread *thread = thread_named(pid);
    return thread ? attributes_set(thread, &given) : -ESRCH;
}

SYSCALL(sched_getattr, int pid, uint64_t attributes_at, uint32_t size, uint32_t flags)
{
    struct sched_attributes told = {.size = sizeof(told)};
    if (!attributes_at || pid < 0 || size < ATTRIBUTES_FIRST || size > PAGE_SIZE || flags)
        return -EINVAL;
    const struct thread *thread = thread_named(pid);
    if (!thread)
        return -ESRCH;
    told.policy = thread->policy & ~SCHED_RESET_ON_FORK;
    told.flags = thread->policy & SCHED_RESET_ON_FORK ? SCHED_FLAG_RESET_ON_FORK : 0;
    told.priority = thread->urgent;
    if (!policy_real_time((int)told.policy)) {
        told.nice = thread->process->nice;
        told.runtime = SLICE_NS;
    }
    if (size < told.size)
        told.size = size;
    if (copy_to_user((void __user *)attributes_at, &told, told.size) != 0)
        return -EFAULT;
    return clear_user((void __user *)(attributes_at + told.size), size - told.size)
               ? -EFAULT
               : 0;
}

SYSCALL(sched_get_priority_max, int policy)
{
    return !policy_named(policy) ? -EINVAL : policy_real_time(policy) ? 99 : 0;
}

SYSCALL(sched_get_priority_min, int policy)
{
    return !policy_named(policy) ? -EINVAL : policy_real_time(policy) ? 1 : 0;
}

SYSCALL(sched_rr_get_interval, int pid, uint64_t interval_at)
{
    if (pid < 0)
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
static struct process *priority_next(struct process *process, unsigned which, int who)
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

SYSCALL(getpriority, uint32_t which, int who)
{
    long highest = -ESRCH;
    if (which > PRIO_USER)
        return -EINVAL;
    struct process *process = priority_next(process_first, which, who);
    for (; process; process = priority_next(process->next, which, who))
        if (20 - process->nice > highest)
            highest = 20 - process->nice;
    return highest;
}

SYSCALL(setpriority, uint32_t which, int who, int niceness)
{
    if (which > PRIO_USER)
        return -EINVAL;
    struct process *process = priority_next(process_first, which, who);
    if (!process)
        return -ESRCH;
    for (; process; process = priority_next(process->next, which, who))
        process->nice = nice_clamped(niceness);
    return 0;
}
