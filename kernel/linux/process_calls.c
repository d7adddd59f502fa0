/* kernel/linux/process_calls.c - the calls about processes: wait and exit, groups and
 * sessions. (fork and clone: kernel/linux/threads.c; exec: kernel/linux/exec.c.) */
#include "kernel/process/process.h"

#include "arch/user.h"
#include "kernel/file/file.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/terminal/tty_input.h"
#include "lib/string.h"
#include "mm/mm.h"

/* --- Death -------------------------------------------------------------------------- */

SYSCALL(exit, int status)
{
    process_exit_thread((status & 0xff) << 8);
}

SYSCALL(exit_group, int status)
{
    process_exit((status & 0xff) << 8);
}

/* --- Waiting ------------------------------------------------------------------------ */

struct usage {
    struct linux_timeval user, kernel;
    int64_t resident; /* KiB, the most there was */
    int64_t unused1[3];
    int64_t minor, major;
    int64_t unused2[6]; /* blocks read and written among them: not counted */
    int64_t waits, losses;
};

static long usage_write(uint64_t address, const struct spent *spent)
{
    struct usage usage = {
        .user = timeval_of(spent->user),
        .kernel = timeval_of(spent->kernel),
        .resident = spent->resident * (PAGE_SIZE / 1024),
        .minor = spent->minor,
        .major = spent->major,
        .waits = spent->waits,
        .losses = spent->losses,
    };
    return copy_to_user((void __user *)address, &usage, sizeof(usage)) ? -EFAULT : 0;
}

SYSCALL(wait4, int id, uint64_t status_at, uint32_t options, uint64_t usage_at)
{
    const uint64_t known =
        WNOHANG | WSTOPPED | WCONTINUED | __WALL | __WCLONE | __WNOTHREAD;
    struct wait_result result;
    if (options & ~known)
        return -EINVAL;
    if (id == INT32_MIN)
        return -ESRCH;
    struct wait_request request = {.pid = id, .options = options | WEXITED};
    long pid = process_wait(&request, &result);
    if (pid <= 0)
        return pid;
    if (status_at &&
        copy_to_user((void __user *)status_at, &result.status, sizeof(result.status)) != 0)
        return -EFAULT;
    return usage_at && usage_write(usage_at, &result.spent) < 0 ? -EFAULT : pid;
}

/* siginfo of waitid: what SIGCHLD would have said. */
static struct signal_info info_of(const struct wait_result *result)
{
    return (struct signal_info){.signal = SIGCHLD,
                                .sender = result->pid,
                                .code = wait_code(result->status),
                                .value = wait_value(result->status)};
}

SYSCALL(waitid, uint32_t kind, int id, uint64_t info_at, uint32_t options,
        uint64_t usage_at)
{
    enum { P_ALL, P_PID, P_PGID };
    const uint64_t news = WSTOPPED | WEXITED | WCONTINUED;
    const uint64_t known = news | WNOHANG | __WALL | __WCLONE | __WNOTHREAD;
    struct wait_result result = {0};
    if (!(options & news) || (options & ~(known | WNOWAIT)) || kind > P_PGID ||
        (kind != P_ALL && id <= 0 && !(kind == P_PGID && id == 0)))
        return -EINVAL;
    struct wait_request request = {.pid = kind == P_ALL   ? -1
                                          : kind == P_PID ? id
                                                          : -id,
                                   .options = options};
    long pid = process_wait(&request, &result);
    if (pid < 0)
        return pid;
    uint8_t encoded[128] = {0};
    if (pid > 0) {
        struct signal_info info = info_of(&result);
        signal_info_encode(&info, encoded);
    }
    if (info_at && copy_to_user((void __user *)info_at, encoded, sizeof(encoded)) != 0)
        return -EFAULT;
    return pid > 0 && usage_at ? usage_write(usage_at, &result.spent) : 0;
}

SYSCALL(getrusage, int who, uint64_t usage_at)
{
    enum { RUSAGE_CHILDREN = -1, RUSAGE_SELF, RUSAGE_THREAD };
    struct process *process = process_current();
    if (who < RUSAGE_CHILDREN || who > RUSAGE_THREAD)
        return -EINVAL;
    account_kernel();
    process_keep_peak(process);
    struct spent spent = who == RUSAGE_SELF     ? process_spent(process)
                         : who == RUSAGE_THREAD ? thread_spent(current)
                                                : process->children;
    if (who == RUSAGE_THREAD)
        spent.resident = process->ended.resident;
    return usage_write(usage_at, &spent);
}

/* --- Who ---------------------------------------------------------------------------- */

SYSCALL(getpid)
{
    return process_current()->id;
}

SYSCALL(getppid)
{
    const struct process *parent = process_current()->parent;
    return parent ? parent->id : 0;
}

static struct process *process_named(int pid)
{
    return pid == 0 ? process_current() : process_of(pid);
}

SYSCALL(getpgid, int pid)
{
    const struct process *process = process_named(pid);
    return process ? process->group : -ESRCH;
}

SYSCALL(getpgrp)
{
    return process_current()->group;
}

SYSCALL(getsid, int pid)
{
    const struct process *process = process_named(pid);
    return process ? process->session : -ESRCH;
}

SYSCALL(setpgid, int pid, int group_id)
{
    struct process *self = process_current(), *process = process_named(pid);
    if (group_id < 0 || (!group_id && pid < 0))
        return -EINVAL;
    if (!process || (process != self && process->parent != self))
        return -ESRCH;
    if (pid && pid != process->id) /* it is not a process's first thread */
        return -EINVAL;
    int group = group_id ? group_id : process->id;
    if (process != self && process->execed)
        return -EACCES;
    if (process->session != self->session || process->session == process->id)
        return -EPERM;
    if (group != process->id && process_group_session(group) != self->session)
        return -EPERM;
    process->group = group;
    return 0;
}

SYSCALL(setsid)
{
    struct process *self = process_current();
    for (const struct process *process = process_first; process; process = process->next)
        if (process->group == self->id)
            return -EPERM;
    tty_leave(self);
    self->group = self->session = self->id;
    return self->id;
}

/* There is one user, and it is root. */
SYSCALL(getuid)
{
    return 0;
}

SYSCALL(setuid, uint32_t user)
{
    return user == 0 ? 0 : -EPERM;
}

/* setresuid and its like: each is 0 or -1, "leave it". */
static bool root_or_none(uint32_t id)
{
    return id == 0 || id == UINT32_MAX;
}

SYSCALL(setresuid, uint32_t real, uint32_t effective, uint32_t saved)
{
    return root_or_none(real) && root_or_none(effective) && root_or_none(saved) ? 0
                                                                                : -EPERM;
}

SYSCALL(setreuid, uint32_t real, uint32_t effective)
{
    return root_or_none(real) && root_or_none(effective) ? 0 : -EPERM;
}

SYSCALL(getresuid, uint64_t real_at, uint64_t effective_at, uint64_t saved_at)
{
    const uint32_t root = 0;
    if (copy_to_user((void __user *)real_at, &root, sizeof(root)) != 0 ||
        copy_to_user((void __user *)effective_at, &root, sizeof(root)) != 0 ||
        copy_to_user((void __user *)saved_at, &root, sizeof(root)) != 0)
        return -EFAULT;
    return 0;
}

SYSCALL(getgroups, int size)
{
    return size < 0 ? -EINVAL : 0;
}

SYSCALL(setgroups, int size)
{
    return size == 0 ? 0 : -EPERM;
}
