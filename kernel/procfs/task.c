/* kernel/procfs/task.c - /proc/PID/task: a directory for each thread of a process. What
 * is the process's is the same in each of them; what is the thread's own stands here. */
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "lib/text.h"

/* The thread that a node is about; NULL: it has gone. */
static struct thread *node_thread(const struct inode *inode)
{
    struct process *process;
    return proc_process(inode, &process) ? NULL
                                         : process_thread(process, proc_node(inode)->fd);
}

static int task_make(struct proc_text *text, const struct inode *inode)
{
    struct process *process;
    struct proc_usage usage;
    if (proc_process(inode, &process) || (!proc_usage(&process, &usage) && !process))
        return -ESRCH;
    const struct thread *thread = node_thread(inode);
    if (!thread)
        return -ESRCH;
    const char *name = proc_node(inode)->file->name;
    if (strcmp(name, "stat") == 0)
        proc_thread_stat(text, process, thread, &usage);
    else if (strcmp(name, "status") == 0)
        proc_thread_status(text, process, thread, &usage);
    else
        proc_print(text, "%s\n", thread->id == process->id ? process->name : thread->name);
    return 0;
}

static long task_read(struct file *file, void __user *buffer, size_t length,
                      uint64_t *position)
{
    return proc_text_serve(file, buffer, length, position, task_make);
}

static const struct inode_operations task_text_operations = {
    .read = task_read,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

static const struct proc_file proc_task_files[] = {
    {"comm", S_IFREG | 0444, NULL, &task_text_operations},
    {"stat", S_IFREG | 0444, NULL, &task_text_operations},
    {"status", S_IFREG | 0444, NULL, &task_text_operations},
    {NULL, 0, NULL, NULL},
};

/* --- /proc/PID/task/TID ----------------------------------------------------------------- */

static int task_lookup(struct inode *directory, const char *name, struct inode **found)
{
    struct process *process;
    if (proc_process(directory, &process) || !node_thread(directory))
        return -ENOENT;
    int error = proc_table_lookup(directory, proc_task_files, name, found);
    if (error == 0)
        proc_node(*found)->fd = proc_node(directory)->fd;
    return error;
}

static int task_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    const struct thread *thread = node_thread(directory);
    return thread ? proc_table_entry(proc_task_files, thread->id, cookie, view) : -ENOENT;
}

static const struct inode_operations task_operations = {
    .lookup = task_lookup,
    .entry = task_entry,
    .destroy = proc_inode_destroy,
};

/* --- /proc/TID: the process's files, but for what is the thread's own --------------------- */

static int thread_lookup(struct inode *directory, const char *name, struct inode **found)
{
    if (!node_thread(directory))
        return -ENOENT;
    int error = task_lookup(directory, name, found);
    return error == -ENOENT ? proc_table_lookup(directory, proc_process_files, name, found)
                            : error;
}

static int thread_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    const struct thread *thread = node_thread(directory);
    return thread ? proc_table_entry(proc_process_files, thread->id, cookie, view)
                  : -ENOENT;
}

const struct inode_operations proc_thread_operations = {
    .lookup = thread_lookup,
    .entry = thread_entry,
    .destroy = proc_inode_destroy,
};

/* --- /proc/PID/task ---------------------------------------------------------------------- */

static int tasks_lookup(struct inode *directory, const char *name, struct inode **found)
{
    struct process *process;
    uint64_t id;
    if (proc_process(directory, &process) || !text_number(name, &id) ||
        !process_thread(process, (int)id))
        return -ENOENT;
    *found = proc_inode_create(
        directory, &task_operations, S_IFDIR | 0555,
        (struct proc_node){.pid = proc_node(directory)->pid, .fd = (int)id});
    return *found ? 0 : -ENOMEM;
}

/* Threads are in the list by age, and nearly always by id. The cookie is the next's place. */
static int tasks_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    struct process *process;
    if (proc_process(directory, &process))
        return -ENOENT;
    const struct thread *thread = process->threads;
    for (uint64_t skip = *cookie; skip && thread; skip--)
        thread = thread->sibling;
    if (!thread)
        return 0;
    format(view->name, sizeof(view->name), "%d", thread->id);
    view->number = ((uint64_t)thread->id << 16) + 1;
    view->mode = S_IFDIR | 0555;
    ++*cookie;
    return 1;
}

const struct inode_operations proc_tasks_operations = {
    .lookup = tasks_lookup,
    .entry = tasks_entry,
    .destroy = proc_inode_destroy,
};
