/* exit.c - the end of a process.
 *
 * What it held is given back at once; what remains is the zombie: its number and how it
 * ended, until the parent asks. Children left behind become init's. */
#include "arch/user.h"
#include "kernel/file.h"
#include "kernel/process.h"
#include "kernel/tty_input.h"
#include "kernel/watch.h"
#include "lib/panic.h"

/* CLONE_CHILD_CLEARTID: whoever waits (futex) for this word to become 0 may go on. */
static void tid_clear(struct process *process)
{
    if (!current->clear_child_tid || process->space->references == 1)
        return;
    int zero = 0;
    copy_to_user((void __user *)current->clear_child_tid, &zero, sizeof(zero));
    thread_wake(futex_channel(process->space, current->clear_child_tid));
}

static void resources_release(struct process *process)
{
    struct space *space = process->space;
    uint64_t resident = space_resident(space);
    if (resident > process->resident_highest)
        process->resident_highest = resident;
    process->space = NULL;
    fault_pins_release(&current->pins);
    space_release(space);
    files_release(process->files);
    process->files = NULL;
    inode_release(process->root);
    inode_release(process->directory);
    if (process->executable)
        inode_release(process->executable);
    process->root = process->directory = process->executable = NULL;
}

static void children_orphan(struct process *process)
{
    while (process->first_child) {
        struct process *child = process->first_child;
        process_adopt(process_init, child);
        if (child->state == PROCESS_ZOMBIE)
            process_tell_parent(child, SIGNAL_CHILD_EXITED);
    }
}

/* The thread's part of what is counted stays with the process. */
static void thread_detach(struct process *process)
{
    account_kernel();
    process_times(process, &process->user_time, &process->kernel_time);
    process->threads = NULL;
    signal_discard_thread(current, UINT64_MAX);
}

void process_exit(int wait_status)
{
    struct process *process = process_current();
    if (process == process_init)
        panic("init has ended, with status %#x: without it no process can go on",
              (unsigned)wait_status);
    timer_cancel(&process->alarm);
    tid_clear(process);
    watch_end(process);
    tty_leave(process);
    resources_release(process);
    process_release_parent(process);
    children_orphan(process);
    signal_discard(process, UINT64_MAX);
    thread_detach(process);
    signal_handlers_release(process->handlers);
    process->handlers = NULL;
    process->state = PROCESS_ZOMBIE;
    process->stopped = process->continued = false;
    process->wait_status = wait_status;
    current->process = NULL;
    int code = wait_status & 0x7f ? SIGNAL_CHILD_KILLED : SIGNAL_CHILD_EXITED;
    process_tell_parent(process, code);
    thread_exit();
}
