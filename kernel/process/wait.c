/* kernel/process/wait.c - parents and the news of their children. */
#include "kernel/process/process.h"
#include "lib/errno.h"

static void result_fill(const struct process *child, struct wait_result *result)
{
    *result = (struct wait_result){
        .pid = child->id,
        .status = child->wait_status,
        .spent = process_spent(child),
    };
    spent_add(&result->spent, &child->children);
}

/* What the zombie has spent its parent's children have; the zombie goes. */
static void reap(struct process *child, const struct spent *spent)
{
    spent_add(&child->parent->children, spent);
    process_destroy(child);
}

int wait_code(int status)
{
    if (status == WAIT_CONTINUED)
        return CLD_CONTINUED;
    if ((status & WAIT_SIGNAL) == WAIT_SIGNAL)
        return CLD_STOPPED;
    if (status & WAIT_SIGNAL)
        return status & WAIT_DUMPED ? CLD_DUMPED : CLD_KILLED;
    return CLD_EXITED;
}

int wait_value(int status)
{
    if (status == WAIT_CONTINUED)
        return SIGCONT;
    int signal = status & WAIT_SIGNAL;
    return signal && signal != WAIT_SIGNAL ? signal : status >> 8 & 0xff;
}

void process_tell_parent(struct process *child, int status)
{
    struct process *parent = child->parent;
    bool ended = child->state == PROCESS_ZOMBIE;
    if (!parent || parent->state == PROCESS_ZOMBIE)
        return;
    const struct signal_action *action = &parent->handlers->action[SIGCHLD - 1];
    struct signal_info info = {
        .signal = ended ? child->exit_signal : SIGCHLD,
        .code = wait_code(status),
        .sender = child->id,
        .value = wait_value(status),
    };
    /* A child whose end is ignored leaves nothing, not even a signal that somebody may wait
     * for. */
    bool ignored = ended && info.signal == SIGCHLD && action->handler == SIG_IGN;
    bool told = ended ? !ignored : !(action->flags & SA_NOCLDSTOP);
    if (told && info.signal)
        signal_send_info(parent, &info);
    if (ignored || (ended && info.signal == SIGCHLD && (action->flags & SA_NOCLDWAIT)))
        process_destroy(child);
    thread_wake(&parent->first_child);
}

/* The children of a thread that has ended are the first one's. */
static bool kind_wanted(const struct process *child, unsigned options)
{
    bool clone = child->exit_signal != SIGCHLD;
    if (!(options & __WALL) && clone != ((options & __WCLONE) != 0))
        return false;
    if (!(options & __WNOTHREAD) || child->creator == current->id)
        return true;
    return current == child->parent->threads &&
           !process_thread(child->parent, child->creator);
}

static bool wanted(const struct process *child, const struct wait_request *request)
{
    int pid = request->pid;
    if (!kind_wanted(child, request->options))
        return false;
    if (pid > 0)
        return child->id == pid;
    if (pid == -1)
        return true;
    return child->group == (pid == 0 ? process_current()->group : -pid);
}

/* There is something to tell of `child`; told, it will not be told again. */
static bool news(struct process *child, unsigned options, struct wait_result *result)
{
    bool keep = options & WNOWAIT;
    if (child->state == PROCESS_ZOMBIE && (options & WEXITED)) {
        result_fill(child, result);
        if (!keep)
            reap(child, &result->spent);
        return true;
    }
    if (child->stopped && !child->stop_told && (options & WSTOPPED)) {
        result_fill(child, result);
        child->stop_told = !keep;
        return true;
    }
    if (child->continued && (options & WCONTINUED)) {
        result_fill(child, result);
        result->status = WAIT_CONTINUED;
        child->continued = keep;
        return true;
    }
    return false;
}

long process_wait(const struct wait_request *request, struct wait_result *result)
{
    struct process *parent = process_current();
    for (;;) {
        bool any = false;
        for (struct process *child = parent->first_child; child; child = child->sibling) {
            if (!wanted(child, request))
                continue;
            any |= child->state != PROCESS_ZOMBIE || (request->options & WEXITED);
            if (news(child, request->options, result))
                return result->pid;
        }
        if (!any)
            return -ECHILD;
        if (request->options & WNOHANG)
            return 0;
        int error = thread_sleep(&parent->first_child, SLEEP_INTERRUPTIBLE, UINT64_MAX);
        if (error < 0)
            return error;
    }
}
