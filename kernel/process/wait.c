/* kernel/process/wait.c - parents and the news of their children.
 *
 * A child that has ended, stopped or gone on has news until its parent has asked. Those that have
 * stand in a list of their parent's, in the order of their birth, in which they are told: so a
 * parent of thousands finds the one that has ended without looking at the others. */
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

/* --- The list ------------------------------------------------------------------------- */

static void news_insert(struct process *parent, struct process *child)
{
    struct process *before = parent->last_news;
    while (before && before->child_number > child->child_number)
        before = before->news_previous;
    struct process *after = before ? before->news_next : parent->first_news;
    child->news_previous = before;
    child->news_next = after;
    *(before ? &before->news_next : &parent->first_news) = child;
    *(after ? &after->news_previous : &parent->last_news) = child;
    child->has_news = true;
}

static void news_remove(struct process *parent, struct process *child)
{
    struct process *before = child->news_previous, *after = child->news_next;
    *(before ? &before->news_next : &parent->first_news) = after;
    *(after ? &after->news_previous : &parent->last_news) = before;
    child->has_news = false;
}

/* Is there anything that its parent has not been told? */
static bool is_news(const struct process *child)
{
    return child->state == PROCESS_ZOMBIE || (child->stopped && !child->stop_told) ||
           child->continued;
}

/* `child` is in its parent's list if it has news, and otherwise not. */
static void news_look(struct process *child)
{
    if (is_news(child) == child->has_news)
        return;
    if (child->has_news)
        news_remove(child->parent, child);
    else
        news_insert(child->parent, child);
}

void wait_move(struct process *child, struct process *parent)
{
    if (!parent && child->has_news)
        news_remove(child->parent, child);
    else if (parent)
        news_look(child);
}

/* --- Asking --------------------------------------------------------------------------- */

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
    news_look(child);
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
        news_look(child);
        return true;
    }
    if (child->continued && (options & WCONTINUED)) {
        result_fill(child, result);
        result->status = WAIT_CONTINUED;
        child->continued = keep;
        news_look(child);
        return true;
    }
    return false;
}

/* The child's pid; 0: none that is wanted has anything to tell. */
static int children_tell(const struct process *parent, const struct wait_request *request,
                         struct wait_result *result)
{
    struct process *next;
    for (struct process *child = parent->first_news; child; child = next) {
        next = child->news_next;
        if (wanted(child, request) && news(child, request->options, result))
            return result->pid;
    }
    return 0;
}

/* The same of the one that is named. */
static int child_tells(const struct process *parent, const struct wait_request *request,
                       struct wait_result *result)
{
    struct process *child = process_find(request->pid);
    if (child && child->parent == parent && wanted(child, request) &&
        news(child, request->options, result))
        return result->pid;
    return 0;
}

static bool may_tell(const struct process *child, const struct wait_request *request)
{
    return wanted(child, request) &&
           (child->state != PROCESS_ZOMBIE || (request->options & WEXITED));
}

/* Is there a child that may have something to tell? */
static bool any_may_tell(const struct process *parent, const struct wait_request *request)
{
    if (request->pid > 0) {
        const struct process *child = process_find(request->pid);
        return child && child->parent == parent && may_tell(child, request);
    }
    const struct process *child = parent->first_child;
    while (child && !may_tell(child, request))
        child = child->sibling;
    return child;
}

long process_wait(const struct wait_request *request, struct wait_result *result)
{
    struct process *parent = process_current();
    for (int error = 0;
         ;) { /* whoever is woken by a child's signal looks at the child first */
        int told = request->pid > 0 ? child_tells(parent, request, result)
                                    : children_tell(parent, request, result);
        if (told)
            return told;
        if (!any_may_tell(parent, request))
            return -ECHILD;
        if (request->options & WNOHANG)
            return 0;
        if (error < 0)
            return error;
        error = thread_sleep(&parent->first_child, SLEEP_INTERRUPTIBLE, UINT64_MAX);
    }
}
