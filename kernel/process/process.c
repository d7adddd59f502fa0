/* kernel/process/process.c - all processes and their threads, and their tree. */
#include "kernel/process/process.h"

#include "kernel/file/file.h"
#include "kernel/process/capacity.h"
#include "kernel/process/exec.h"
#include "kernel/report/log.h"
#include "kernel/report/trace.h"
#include "kernel/thrashing/sampling.h"
#include "lib/panic.h"
#include "lib/text.h"
#include "mm/mm.h"

struct process *process_first, *process_init;
unsigned process_count, process_tasks, process_forks;
static struct process *process_last;
static struct slab_cache process_cache = SLAB_CACHE("process", struct process);

static void list_insert(struct process *process)
{
    struct process *before = process_last;
    while (before && before->id > process->id)
        before = before->previous;
    process->previous = before;
    process->next = before ? before->next : process_first;
    *(before ? &before->next : &process_first) = process;
    *(process->next ? &process->next->previous : &process_last) = process;
    process_count++;
    ids_add(process);
}

static void list_remove(struct process *process)
{
    *(process->previous ? &process->previous->next : &process_first) = process->next;
    *(process->next ? &process->next->previous : &process_last) = process->previous;
    process_count--;
    ids_remove(process);
}

static uint64_t children_ever;

static void child_add(struct process *parent, struct process *child)
{
    child->parent = parent;
    child->child_number = ++children_ever;
    child->sibling = NULL;
    child->sibling_previous = parent->last_child;
    *(parent->last_child ? &parent->last_child->sibling : &parent->first_child) = child;
    parent->last_child = child;
}

static void child_remove(struct process *child)
{
    struct process *parent = child->parent;
    if (!parent)
        return;
    struct process *before = child->sibling_previous, *after = child->sibling;
    *(before ? &before->sibling : &parent->first_child) = after;
    *(after ? &after->sibling_previous : &parent->last_child) = before;
    child->parent = NULL;
}

void process_adopt(struct process *parent, struct process *child)
{
    wait_move(child, NULL);
    child_remove(child);
    child_add(parent, child);
    wait_move(child, parent);
}

struct process *process_create(struct process *parent, int id)
{
    struct process *process = slab_take(&process_cache);
    if (!process)
        return NULL;
    process->id = id;
    process_tasks++;
    process->started = time_now();
    list_insert(process);
    if (parent)
        child_add(parent, process);
    return process;
}

void process_destroy(struct process *process)
{
    wait_move(process, NULL);
    child_remove(process);
    sampling_forget(process);
    list_remove(process);
    process_tasks--;
    slab_give(&process_cache, process);
}

void process_add_thread(struct process *process, struct thread *thread)
{
    struct thread *last = process->last_thread;
    thread->sibling = NULL;
    thread->sibling_previous = last;
    *(last ? &last->sibling : &process->threads) = thread;
    process->last_thread = thread;
    process->thread_count++;
    ids_add_thread(thread);
    if (process->signals_pending) /* sent while it was being made */
        thread_set_work(thread);
    if (thread->id == process->id)
        trace_process(TRACE_PROCESS, process, (uint32_t)thread->id, 0,
                      process->parent ? (uint64_t)process->parent->id : 0);
    if (process->thread_count == 1)
        return;
    process_tasks++;
    /* It may have been born into a process that is stopped, or ending. */
    if (thread_must_end(thread))
        thread->signals_pending |= SIGNAL_BIT(SIGKILL);
    if (process->stopped || process->suspended || thread_must_end(thread))
        thread_set_work(thread);
}

void process_remove_thread(struct process *process, struct thread *thread)
{
    struct thread *before = thread->sibling_previous, *after = thread->sibling;
    *(before ? &before->sibling : &process->threads) = after;
    *(after ? &after->sibling_previous : &process->last_thread) = before;
    process->thread_count--;
    ids_remove_thread(thread);
}

char thread_state_letter(const struct thread *thread)
{
    if (thread->process->stopped)
        return 'T';
    if (thread_state(thread) == THREAD_SLEEPING)
        return thread->interruptible ? 'S' : 'D';
    return 'R';
}

char process_state_letter(const struct process *process)
{
    if (process->state == PROCESS_ZOMBIE)
        return 'Z';
    if (!process->threads) /* it is just being made */
        return 'D';
    return thread_state_letter(process->threads);
}

struct spent thread_spent(const struct thread *thread)
{
    return (struct spent){.user = timer_ns(thread->user_ticks),
                          .kernel = timer_ns(thread->kernel_ticks),
                          .minor = thread->minor_faults,
                          .major = thread->major_faults,
                          .waits = thread->switches[THREAD_SLEEPING],
                          .losses = thread->switches[THREAD_READY]};
}

void spent_add(struct spent *sum, const struct spent *more)
{
    sum->user += more->user;
    sum->kernel += more->kernel;
    sum->minor += more->minor;
    sum->major += more->major;
    sum->waits += more->waits;
    sum->losses += more->losses;
    if (sum->resident < more->resident)
        sum->resident = more->resident;
}

struct spent process_spent(const struct process *process)
{
    struct spent sum = process->ended;
    for (const struct thread *thread = process->threads; thread; thread = thread->sibling) {
        struct spent spent = thread_spent(thread);
        spent_add(&sum, &spent);
    }
    return sum;
}

uint64_t process_running_time(const struct process *process)
{
    struct spent spent = process_spent(process);
    return spent.user + spent.kernel;
}

int16_t process_oom_adjust(const struct process *process)
{
    if (process->adjusted)
        return process->oom_adjust;
    return process->space ? process->space->oom_adjust : 0;
}

void process_set_oom_adjust(struct process *process, int16_t adjust)
{
    process->adjusted = process->vfork_done != NULL || !process->space;
    if (process->adjusted)
        process->oom_adjust = adjust;
    else
        space_adjust(process->space, adjust);
}

/* --- Process 1 ---------------------------------------------------------------------- */

static void console_open(struct process *process)
{
    struct file *console;
    int error = file_open(NULL, "/dev/console", 2 /* O_RDWR */, 0, &console);
    if (error < 0)
        panic("/dev/console cannot be opened: errno %d", -error);
    for (int fd = 0; fd < 3; fd++) {
        if (fd > 0)
            file_hold(console);
        if (files_add(process->files, console, (struct files_range){fd, FILES_MAX},
                      false) != fd)
            panic("init's descriptor %d cannot be set", fd);
    }
}

static void init_begin(void *argument)
{
    struct process *process = argument;
    console_open(process);
    int error = process_exec_init("/init");
    if (error < 0)
        refuse("program image: its /init cannot be run (errno %d); make it anew", -error);
    log_line("init starts at %lu ns", time_now());
    trap_return(current->user_frame);
}

void process_start_init(void)
{
    struct process *process = process_create(NULL, process_take_id());
    if (!process)
        panic("no memory for init");
    process->group = process->session = process->id;
    process->essential = true;
    process->exit_signal = SIGCHLD;
    text_copy(process->name, "init", sizeof(process->name));
    limits_default(process);
    process->files = files_create();
    process->handlers = signal_handlers_create();
    struct thread *thread = thread_create(process, init_begin, process);
    process->directories = &process->own_directories;
    directories_create(process->directories, file_root);
    if (!process->files || !process->handlers || !thread)
        panic("no memory for what init has");
    thread->id = process->id;
    thread->files = process->files;
    process_add_thread(process, thread);
    process_init = process;
    thread_ready(thread);
}
