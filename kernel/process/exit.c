/* kernel/process/exit.c - the end of a thread, and of a process with its last one.
 *
 * A thread is ended by nobody but itself, on its way back to user mode, where it holds
 * nothing of the kernel's: whoever ends a whole process marks it (`ending`) and wakes its
 * threads out of whatever they may be woken from. The last thread to leave gives back what
 * the process held; what remains is the zombie: its number and how it ended, until the
 * parent asks. Children left behind become init's. */
#include "arch/user.h"
#include "kernel/file/file.h"
#include "kernel/file/shared_memory.h"
#include "kernel/file/writers.h"
#include "kernel/process/futex.h"
#include "kernel/process/space_group.h"
#include "kernel/process/step.h"
#include "kernel/report/log.h"
#include "kernel/report/trace.h"
#include "kernel/report/watch.h"
#include "kernel/signal/itimer.h"
#include "kernel/terminal/tty_input.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/mm.h"

/* --- The process -------------------------------------------------------------------- */

/* While the process still has its thread, and is one like others: giving back much memory takes
 * long, and lets others run. */
static void memory_release(struct process *process)
{
    struct space *space = process->space;
    process_keep_peak(process);
    if (!process->adjusted)
        process->oom_adjust = space->oom_adjust;
    process->adjusted = true;
    process->space = NULL;
    space_group_leave(space);
    segments_collect();
}

/* First they are nobody's to find (/proc), then they are given back, which sleeps. */
static void resources_release(struct process *process)
{
    struct files *files = process->files;
    struct directories *directories = process->directories;
    struct inode *executable = process->executable;
    process->files = NULL;
    process->directories = NULL;
    process->executable = NULL;
    files_release(files);
    directories_release(directories);
    if (executable)
        program_release(executable);
}

/* A group that is left with stopped members, and with nobody who could let them go on, is
 * told so, and let go on (POSIX, _exit). */
static void group_orphan(int group)
{
    bool stopped = false;
    for (const struct process *member = process_first; member; member = member->next)
        stopped |= member->group == group && member->stopped;
    if (!stopped || !process_group_orphaned(group))
        return;
    signal_group(group, SIGHUP);
    signal_group(group, SIGCONT);
}

/* Whose children the orphans become: of an ancestor that asked for it, or init's. */
static struct process *orphans_parent(const struct process *process)
{
    for (struct process *above = process->parent; above; above = above->parent)
        if (above->adopts && above->state == PROCESS_ALIVE)
            return above;
    return process_init;
}

static void children_orphan(struct process *process)
{
    struct process *parent = process->first_child ? orphans_parent(process) : NULL;
    while (process->first_child) {
        struct process *child = process->first_child;
        bool related = child->session == process->session && child->group != process->group;
        process_adopt(parent, child);
        child->exit_signal = SIGCHLD; /* what its parent had wanted is not for others */
        if (child->death_signal && child->state == PROCESS_ALIVE)
            signal_send(child, child->death_signal, SI_USER, process->id);
        if (child->state == PROCESS_ZOMBIE)
            process_tell_parent(child, child->wait_status);
        else if (related)
            group_orphan(child->group);
    }
}

static void process_finish(struct process *process)
{
    int status = process->exit_status;
    if (process == process_init)
        refuse("init has ended, with status %#x: without it no process can go on",
               (unsigned)status);
    watch_end(process);
    tty_leave(process);
    resources_release(process);
    process_release_parent(process);
    process->state = PROCESS_ZOMBIE; /* nothing sleeps from here on */
    process->stopped = process->continued = process->suspended = false;
    process->wait_status = status;
    trace_process(TRACE_EXIT, process, UINT32_MAX, 0, (uint64_t)status);
    children_orphan(process);
    if (process->parent && process->parent->group != process->group)
        group_orphan(process->group);
    signal_discard(process, UINT64_MAX);
    signal_handlers_release(process->handlers);
    process->handlers = NULL;
    process_tell_parent(process, status);
}

/* --- The thread --------------------------------------------------------------------- */

/* CLONE_CHILD_CLEARTID: whoever waits (futex) for this word to become 0 may go on. */
static void tid_clear(const struct process *process)
{
    uint64_t address = current->clear_child_tid;
    current->clear_child_tid = 0;
    if (process->thread_count == 1 && process->space->references == 1)
        return;
    int zero = 0;
    /* a word that is not there any more has nobody who waits for it */
    LEAVE_OUT(copy_to_user((void __user *)address, &zero, sizeof(zero)));
    futex_wake(address, 1);
}

/* The thread's part of what is counted stays with the process. */
static void thread_detach(struct process *process)
{
    account_kernel();
    struct spent spent = thread_spent(current);
    spent_add(&process->ended, &spent);
    process_remove_thread(process, current);
    process_tasks -= process->threads != NULL; /* the last one leaves a zombie */
    signal_discard_thread(current, UINT64_MAX);
    signal_retarget(process, UINT64_MAX);
    if (process->survivor)
        thread_wake(&process->survivor);
}

void process_exit_thread(int wait_status)
{
    struct process *process = process_current();
    while (process->dumper && process->dumper != current)
        thread_sleep(&process->dumper, SLEEP_ALWAYS, UINT64_MAX);
    current->leaving = true;
    current->signals_blocked = UINT64_MAX;
    if (current->robust_list)
        robust_list_release();
    if (current->clear_child_tid)
        tid_clear(process);
    if (current->files != process->files)
        files_release(current->files);
    current->files = NULL;
    step_end();
    /* But for the last one, nothing sleeps from here on: only now is it certain which thread
     * that is. */
    if (process->thread_count == 1) {
        if (!process->ending)
            process->exit_status = wait_status;
        itimer_end(process, false);
        memory_release(process);
    }
    itimer_end_thread(process, current);
    thread_detach(process);
    if (!process->threads)
        process_finish(process);
    current->process = NULL;
    thread_exit();
}

/* --- All of them -------------------------------------------------------------------- */

/* SIGKILL pending keeps a thread that must end from sleeping again. */
static void others_tell(const struct process *process)
{
    thread_wake(&process->stopped);
    for (struct thread *thread = process->threads; thread; thread = thread->sibling) {
        if (thread == current || thread->leaving)
            continue;
        thread->signals_pending |= SIGNAL_BIT(SIGKILL);
        thread_set_work(thread);
        thread_interrupt(thread, true);
    }
}

void process_exit(int wait_status)
{
    struct process *process = process_current();
    if (!process->ending && !(process->survivor && process->survivor != current)) {
        process->ending = true;
        process->exit_status = wait_status;
        if (process->thread_count > 1)
            others_tell(process);
    }
    process_exit_thread(wait_status);
}

void process_dump_begin(int signal)
{
    struct process *process = process_current();
    process->dumper = current;
    process->ending = true;
    process->exit_status = signal;
    others_tell(process);
}

void process_dump_end(void)
{
    process_current()->dumper = NULL;
    thread_wake(&process_current()->dumper);
}

void process_end(int wait_status)
{
    struct process *process = process_current();
    thread_set_work(current);
    if (process->ending || signal_fatal(current))
        return;
    process->ending = true;
    process->exit_status = wait_status;
}

int process_end_others(void)
{
    struct process *process = process_current();
    if (thread_must_end(current))
        return -EINTR;
    process->survivor = current;
    others_tell(process);
    int error = 0;
    while (process->thread_count > 1 && error == 0)
        error = thread_sleep(&process->survivor, SLEEP_KILLABLE, UINT64_MAX);
    if (error < 0)
        return error;
    process->survivor = NULL;
    robust_list_release(); /* while it has the id that its locks know */
    if (current->clear_child_tid)
        tid_clear(process);
    ids_remove_thread(current);
    current->id = process->id;
    ids_add_thread(current);
    process->exit_signal = SIGCHLD;
    return 0;
}
