/* kernel/process/fork.c - a process makes another, or a thread another.
 *
 * fork gives the child a copy of everything; of the space only the promises and the tables
 * are copied, the pages are shared until somebody writes (space.h, space_fork). clone
 * says what is to be shared for good instead. With CLONE_THREAD it is everything, and what
 * comes out is no process but one more thread of this one: registers, a stack and a mask of
 * its own. vfork shares the space and makes the parent wait until the child has a program of
 * its own. */
#include "arch/user.h"
#include "kernel/file/file.h"
#include "kernel/file/writers.h"
#include "kernel/process/capacity.h"
#include "kernel/process/process.h"
#include "kernel/process/space_group.h"
#include "kernel/report/watch.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

/* At most: a kernel stack, a root, two chunks of files, and a slab for each kind of object. */
#define FRAMES_NEEDED 16

/* The child's first steps: it returns from the call as its parent did. */
static void child_begin(void *argument)
{
    const struct thread *thread = argument;
    if (thread->set_child_tid)
        LEAVE_OUT(copy_to_user((void __user *)thread->set_child_tid, &thread->id,
                               sizeof(thread->id))); /* as Linux: there is a child anyway */
    account_kernel();
    trap_return(thread->user_frame);
}

static void describe_copy(struct process *child, const struct process *parent)
{
    memcpy(child->name, thread_name(current), sizeof(child->name));
    limits_inherit(child, parent);
    child->group = parent->group;
    child->session = parent->session;
    child->terminal = parent->terminal;
    child->personality = parent->personality;
    child->nice = parent->nice;
    child->argument_start = parent->argument_start;
    child->argument_end = parent->argument_end;
    child->environment_start = parent->environment_start;
    child->environment_end = parent->environment_end;
    child->auxiliary_start = parent->auxiliary_start;
    child->auxiliary_end = parent->auxiliary_end;
    child->layout = parent->layout;
    memcpy(child->dropped, parent->dropped, sizeof(child->dropped));
    child->inheritable = parent->inheritable;
    child->no_new_privileges = parent->no_new_privileges;
    child->undumpable = parent->undumpable;
    child->executable = parent->executable;
    if (child->executable)
        program_hold(child->executable);
}

static bool directories_inherit(struct process *child, struct process *parent,
                                uint64_t flags)
{
    if (!(flags & CLONE_FS)) {
        child->directories = &child->own_directories;
        directories_copy(child->directories, parent->directories);
        return true;
    }
    child->directories = directories_share(parent->directories);
    if (child->directories)
        parent->directories = child->directories;
    return child->directories;
}

static bool files_inherit(struct process *child, struct process *parent, uint64_t flags)
{
    if (!(flags & CLONE_FILES)) {
        child->files = files_copy(current->files);
        return child->files;
    }
    child->files = current->files;
    child->files_shared = parent->files_shared = true;
    files_hold(child->files);
    return true;
}

/* For one more thread of this process: with a reference, unless they are the process's. NULL: out
 * of memory. */
static struct files *files_of_thread(uint64_t flags)
{
    if (!(flags & CLONE_FILES))
        return files_copy(current->files);
    if (current->files != process_current()->files)
        files_hold(current->files);
    return current->files;
}

bool thread_own_files(void)
{
    struct process *process = process_current();
    struct files *before = current->files, *common = process->files;
    bool alone = process->thread_count == 1;

    if (alone && before == common && !process->files_shared)
        return true;
    struct files *own = files_copy(before);
    if (!own)
        return false;
    current->files = own;
    if (alone) {
        process->files = own;
        process->files_shared = false;
        files_release(common);
    }
    if (before != common)
        files_release(before);
    return true;
}

static bool handlers_inherit(struct process *child, struct process *parent, uint64_t flags)
{
    child->handlers = parent->handlers;
    if (flags & CLONE_SIGHAND)
        child->handlers->references++;
    else
        child->handlers = signal_handlers_copy(parent->handlers);
    return child->handlers &&
           (!(flags & CLONE_CLEAR_SIGHAND) || signal_handlers_reset(child));
}

/* Copying takes long, and others run meanwhile, who may find the child: it has no space until it is
 * whole. Its limits may be others than its parent's by then; they are bound when it runs. */
static bool space_inherit(struct process *child, struct process *parent, uint64_t flags)
{
    if (flags & CLONE_VM) {
        child->space = parent->space;
        child->adjusted = parent->adjusted;
        child->oom_adjust = parent->oom_adjust;
        space_hold(child->space);
        return true;
    }
    struct space *space = space_fork(parent->space);
    if (!space)
        return false;
    space_set_essential(space, false);
    space_group_enter(space, child, parent->space);
    space_adjust(space, process_oom_adjust(parent));
    child->space = space;
    return true;
}

static void thread_inherit(struct thread *thread, const struct clone_request *request)
{
    *thread->user_frame = *current->user_frame;
    thread->user_frame->rax = 0;
    thread->user_frame->vector = 0;
    context_save_user(&thread->context);
    thread->context.tsc_refused = current->context.tsc_refused;
    memcpy(thread->name, thread_name(current), sizeof(thread->name));
    thread->signals_blocked = current->signals_blocked;
    if (!(current->policy & SCHED_RESET_ON_FORK)) {
        thread->policy = current->policy;
        thread->urgent = current->urgent;
    }
    thread->timer_slack = thread->timer_slack_first = current->timer_slack;
    if (!(request->flags & CLONE_VM) || (request->flags & CLONE_VFORK)) {
        thread->alternate_stack = current->alternate_stack;
        thread->alternate_size = current->alternate_size;
        thread->alternate_flags = current->alternate_flags;
    }
    if (request->stack)
        thread->user_frame->rsp = request->stack;
    if (request->flags & CLONE_SETTLS)
        thread->context.fs_base = request->tls;
    if (request->flags & CLONE_CHILD_CLEARTID)
        thread->clear_child_tid = request->child_tid;
    if (request->flags & CLONE_CHILD_SETTID)
        thread->set_child_tid = request->child_tid;
}

/* Undo what has been done for a child that cannot be completed. */
static void child_abandon(struct process *child)
{
    if (child->space)
        space_group_leave(child->space);
    signal_discard(child, UINT64_MAX);
    if (child->handlers)
        signal_handlers_release(child->handlers);
    if (child->files)
        files_release(child->files);
    if (child->directories)
        directories_release(child->directories);
    if (child->executable)
        program_release(child->executable);
    process_destroy(child);
}

/* A new process with its one thread; NULL: out of memory, or the parent is to end, and leaves
 * nobody behind. May sleep. */
static struct thread *child_create(const struct clone_request *request, int id)
{
    struct process *parent = process_current();
    uint64_t flags = request->flags;
    struct process *child = process_create(
        flags & CLONE_PARENT && parent->parent ? parent->parent : parent, id);
    if (!child)
        return NULL;
    describe_copy(child, parent);
    child->exit_signal = flags & CLONE_PARENT ? parent->exit_signal : request->exit_signal;
    child->creator = flags & CLONE_PARENT ? parent->creator : current->id;
    struct thread *thread = NULL;
    if (directories_inherit(child, parent, flags) && files_inherit(child, parent, flags) &&
        handlers_inherit(child, parent, flags) && space_inherit(child, parent, flags))
        thread = thread_create(child, child_begin, NULL);
    if (!thread) {
        child_abandon(child);
        return NULL;
    }
    thread->files = child->files;
    process_forks++;
    return thread;
}

/* One more thread of this process; NULL: out of memory. May sleep. */
static struct thread *thread_add(const struct clone_request *request)
{
    struct process *process = process_current();
    struct files *files = files_of_thread(request->flags);
    struct thread *thread = files ? thread_create(process, child_begin, NULL) : NULL;

    if (thread)
        thread->files = files;
    else if (files && files != process->files)
        files_release(files);
    return thread;
}

/* Until the child has exec'ed or ended. If the parent is killed meanwhile, the child goes on
 * by itself. */
static void vfork_wait(struct process *child)
{
    bool *done = &current->vfork_done;
    *done = false;
    child->vfork_done = done;
    while (!*done && thread_sleep(done, SLEEP_KILLABLE, UINT64_MAX) == 0)
        ;
    if (!*done)
        child->vfork_done = NULL;
}

void process_release_parent(struct process *process)
{
    bool *done = process->vfork_done;
    if (!done)
        return;
    process->vfork_done = NULL;
    *done = true;
    thread_wake(done);
}

/* What cannot be shared without sharing something else (clone(2)). */
static bool flags_agree(uint64_t flags)
{
    if ((flags & CLONE_SIGHAND) && (!(flags & CLONE_VM) || (flags & CLONE_CLEAR_SIGHAND)))
        return false;
    return !(flags & CLONE_THREAD) || ((flags & CLONE_SIGHAND) && !(flags & CLONE_VFORK));
}

long process_clone(const struct clone_request *request)
{
    uint64_t flags = request->flags;
    if (request->exit_signal < 0 || request->exit_signal > SIGNALS || !flags_agree(flags))
        return -EINVAL;
    if ((flags & CLONE_PARENT) && process_current() == process_init)
        return -EINVAL;
    if (!capacity_thread() || process_tasks >= process_current()->limits[RLIMIT_NPROC].soft)
        return -EAGAIN;
    if (!pageout_await_gently(FRAMES_NEEDED))
        return -ENOMEM;
    int id = process_take_id();
    if (!id)
        return -EAGAIN;
    struct thread *thread =
        flags & CLONE_THREAD ? thread_add(request) : child_create(request, id);
    if (!thread)
        return -ENOMEM;
    struct process *process = thread->process;
    thread->id = id;
    thread->argument = thread;
    thread_inherit(thread, request);
    process_add_thread(process, thread);
    if (!(flags & CLONE_THREAD))
        watch_fork(process);
    if (flags & CLONE_PARENT_SETTID)
        LEAVE_OUT(copy_to_user((void __user *)request->parent_tid, &id,
                               sizeof(id))); /* as Linux: there is a child anyway */
    thread_ready(thread);
    if (flags & CLONE_VFORK)
        vfork_wait(process);
    return id;
}
