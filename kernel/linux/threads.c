/* kernel/linux/threads.c - the calls about threads: clone and its relatives, futex, what
 * is cleared at a thread's end. */
#include "arch/mmu.h"
#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/process/futex.h"
#include "kernel/process/process.h"

/* --- Birth -------------------------------------------------------------------------- */

#define CSIGNAL 0xffu /* in clone's flags: the signal at the child's end */

/* Those without effect here: there are no System V semaphores to undo, no tracer, no disk. */
#define CLONE_IDLE (CLONE_SYSVSEM | CLONE_DETACHED | CLONE_UNTRACED | CLONE_IO)

#define CLONE_KNOWN                                                                 \
    (CLONE_IDLE | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | \
     CLONE_PARENT | CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID |             \
     CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_CLEAR_SIGHAND)

static long clone_checked(const struct clone_request *request)
{
    uint64_t flags = request->flags;
    if (flags & ~(uint64_t)CLONE_KNOWN)
        return -EINVAL; /* namespaces and the like */
    if ((flags & CLONE_SETTLS) && request->tls >= USER_END)
        return -EPERM;
    return process_clone(request);
}

SYSCALL(fork)
{
    return process_clone(&(struct clone_request){.exit_signal = SIGCHLD});
}

SYSCALL(vfork)
{
    return process_clone(
        &(struct clone_request){.flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD});
}

SYSCALL(clone, uint64_t flags, uint64_t stack, uint64_t parent_tid, uint64_t child_tid,
        uint64_t tls)
{
    return clone_checked(&(struct clone_request){.flags = (uint32_t)flags & ~CSIGNAL,
                                                 .exit_signal = flags & CSIGNAL,
                                                 .stack = stack,
                                                 .parent_tid = parent_tid,
                                                 .child_tid = child_tid,
                                                 .tls = tls});
}

struct linux_clone {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    uint64_t set_tid, set_tid_size, cgroup;
};
#define CLONE_SIZE_FIRST 64u /* of the structure's first version */

SYSCALL(clone3, uint64_t arguments_at, uint64_t size)
{
    struct linux_clone given;
    if (size < CLONE_SIZE_FIRST)
        return -EINVAL;
    long error = structure_read(&given, sizeof(given), arguments_at, size);
    if (error < 0)
        return error;
    if ((given.flags & (CSIGNAL | CLONE_DETACHED)) || given.set_tid_size ||
        given.exit_signal > SIGNALS || !given.stack != !given.stack_size)
        return -EINVAL;
    if ((given.flags & (CLONE_THREAD | CLONE_PARENT)) && given.exit_signal)
        return -EINVAL;
    return clone_checked(&(struct clone_request){.flags = given.flags,
                                                 .exit_signal = (int)given.exit_signal,
                                                 .stack = given.stack + given.stack_size,
                                                 .parent_tid = given.parent_tid,
                                                 .child_tid = given.child_tid,
                                                 .tls = given.tls});
}

/* --- Who, and what is left behind ------------------------------------------------------- */

SYSCALL(gettid)
{
    return current->id;
}

SYSCALL(set_tid_address, uint64_t address)
{
    current->clear_child_tid = address;
    return current->id;
}

#define ROBUST_HEAD_SIZE 24u

SYSCALL(set_robust_list, uint64_t head, uint64_t length)
{
    if (length != ROBUST_HEAD_SIZE)
        return -EINVAL;
    current->robust_list = head;
    return 0;
}

SYSCALL(get_robust_list, int tid, uint64_t head_at, uint64_t length_at)
{
    const struct thread *thread = tid ? thread_find(tid) : current;
    const uint64_t size = ROBUST_HEAD_SIZE;
    if (!thread)
        return -ESRCH;
    uint64_t list = thread->robust_list;
    if (copy_to_user((void __user *)length_at, &size, sizeof(size)) != 0 ||
        copy_to_user((void __user *)head_at, &list, sizeof(list)) != 0)
        return -EFAULT;
    return 0;
}

/* Libraries ask for it and do without. Not here, and no news. */
SYSCALL(rseq)
{
    return -ENOSYS;
}

/* All threads see what was written before it: with one processor they do, whenever one of them
 * runs; each other processor enters the kernel. */
SYSCALL(membarrier, int command, uint32_t flags)
{
    enum {
        MEMBARRIER_CMD_QUERY = 0,
        MEMBARRIER_CMD_GLOBAL = 1,
        MEMBARRIER_CMD_PRIVATE_EXPEDITED = 8,
        MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED = 16
    };
    struct process *process = process_current();
    if (flags)
        return -EINVAL;
    switch (command) {
    case MEMBARRIER_CMD_QUERY:
        return MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_PRIVATE_EXPEDITED |
               MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
    case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
        if (!process->wants_barriers)
            return -EPERM;
        /* fall through */
    case MEMBARRIER_CMD_GLOBAL:
        if (several_processors())
            processors_stop(); /* whoever enters the kernel has written what it had to write */
        return 0;
    case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
        process->wants_barriers = true;
        return 0;
    default:
        return -EINVAL;
    }
}

/* --- futex -------------------------------------------------------------------------- */

enum futex_command {
    FUTEX_WAIT,
    FUTEX_WAKE,
    FUTEX_REQUEUE = 3,
    FUTEX_CMP_REQUEUE,
    FUTEX_WAKE_OP,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAKE_BITSET,
};
#define FUTEX_PRIVATE_FLAG   0x080u
#define FUTEX_CLOCK_REALTIME 0x100u
#define OPERATION_FLAGS      (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)

/* FUTEX_WAIT says how long, FUTEX_WAIT_BITSET until when. */
static int futex_deadline(uint32_t operation, uint64_t address, uint64_t *deadline)
{
    uint64_t ns;
    int error = address ? timespec_read(address, &ns) : 0;
    if (error < 0 || !address)
        return error;
    *deadline = ns;
    if ((operation & ~OPERATION_FLAGS) == FUTEX_WAIT) {
        *deadline = deadline_after(ns);
    } else if (operation & FUTEX_CLOCK_REALTIME) {
        *deadline = deadline_at(ns);
    }
    return 0;
}

static long futex_wait_call(uint64_t address, bool alone, uint32_t value, uint32_t bits,
                            uint64_t deadline)
{
    if (bits == 0)
        return -EINVAL;
    deadline = deadline_keep(deadline);
    return deadline_remember(futex_wait(address, alone, value, bits, deadline), deadline);
}

SYSCALL(futex, uint64_t address, uint32_t operation, uint32_t value, uint64_t timeout,
        uint64_t second, uint32_t value3)
{
    uint32_t command = operation & ~OPERATION_FLAGS;
    bool alone = operation & FUTEX_PRIVATE_FLAG;
    bool waits = command == FUTEX_WAIT || command == FUTEX_WAIT_BITSET;
    uint64_t deadline = UINT64_MAX;
    struct futex_move move = {.from = address,
                              .to = second,
                              .alone = alone,
                              .wake = (int)value,
                              .move = (int)timeout};
    int error = waits ? futex_deadline(operation, timeout, &deadline) : 0;
    if (error < 0)
        return error;
    if ((operation & FUTEX_CLOCK_REALTIME) && command != FUTEX_WAIT_BITSET)
        return -ENOSYS;
    switch (command) {
    case FUTEX_WAIT:
        return futex_wait_call(address, alone, value, FUTEX_ALL, deadline);
    case FUTEX_WAIT_BITSET:
        return futex_wait_call(address, alone, value, value3, deadline);
    case FUTEX_WAKE:
        return futex_wake_bits(address, alone, (int)value, FUTEX_ALL);
    case FUTEX_WAKE_BITSET:
        return value3 ? futex_wake_bits(address, alone, (int)value, value3) : -EINVAL;
    case FUTEX_REQUEUE:
        return futex_requeue(&move);
    case FUTEX_CMP_REQUEUE:
        move.check = &value3;
        return futex_requeue(&move);
    case FUTEX_WAKE_OP:
        return futex_wake_operation(&move, value3);
    default: /* locks that hand on priority: there are no priorities */
        return -ENOSYS;
    }
}

/* futex_waitv's, in memory. */
struct linux_word {
    uint64_t value, address;
    uint32_t flags, reserved;
};
#define FUTEX_32   2u
#define WORDS_MOST 128u

static long words_read(struct futex_word *words, uint64_t address, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct linux_word given;
        if (copy_from_user(&given, (const void __user *)(address + i * sizeof(given)),
                           sizeof(given)) != 0)
            return -EFAULT;
        if ((given.flags & ~FUTEX_PRIVATE_FLAG) != FUTEX_32 || given.reserved)
            return -EINVAL;
        words[i] = (struct futex_word){.address = given.address,
                                       .value = (uint32_t)given.value,
                                       .alone = given.flags & FUTEX_PRIVATE_FLAG};
    }
    return 0;
}

SYSCALL(futex_waitv, uint64_t words_at, uint32_t count, uint32_t flags, uint64_t timeout,
        int clock)
{
    uint64_t ns, deadline = UINT64_MAX;
    if (flags || count == 0 || count > WORDS_MOST || !words_at ||
        (timeout && clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC))
        return -EINVAL;
    long result = timeout ? timespec_read(timeout, &ns) : 0;
    if (result < 0)
        return result;
    if (timeout)
        deadline = clock == CLOCK_REALTIME ? deadline_at(ns) : ns;
    struct futex_word *words = heap_take(count * sizeof(*words));
    if (!words)
        return -ENOMEM;
    result = words_read(words, words_at, count);
    if (result == 0)
        result = futex_wait_many(words, count, deadline);
    heap_give(words, count * sizeof(*words));
    return result;
}
