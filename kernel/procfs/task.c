/* kernel/procfs/task.c - /proc/PID/task: a directory for each thread of a process. What
 * is the process's is the same in each of them; what is the thread's own stands here. */
#include "arch/user.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"

/* --- stat and status ----------------------------------------------------------------------- */

static int task_make(struct proc_text *text, const struct inode *inode)
{
    struct process *process;
    struct proc_usage usage;
    if (proc_process(inode, &process) || (!proc_usage(&process, &usage) && !process))
        return -ESRCH;
    struct thread *thread = proc_thread(inode);
    if (!thread)
        return -ESRCH;
    if (strcmp(proc_node(inode)->file->name, "stat") == 0)
        proc_thread_stat(text, thread);
    else
        proc_thread_status(text, thread, &usage);
    return 0;
}

static long task_read(struct file *file, void __user *buffer, size_t length,
                      uint64_t *position)
{
    return proc_text_serve(file, buffer, length, position, task_make);
}

static const struct inode_operations task_text_operations = {
    .seek = SEEK_NO_END,
    .read = task_read,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

/* --- comm, of a process too: the one name of /proc that can be written ------------------------ */

/* NULL: its bearer has gone. */
static char *node_name(const struct inode *inode)
{
    struct process *process;
    struct thread *thread = proc_thread(inode);
    if (proc_node(inode)->thread)
        return thread ? thread_name(thread) : NULL;
    return proc_process(inode, &process) ? NULL : process->name;
}

static int comm_make(struct proc_text *text, const struct inode *inode)
{
    const char *name = node_name(inode);
    if (!name)
        return -ESRCH;
    proc_print(text, "%s\n", name);
    return 0;
}

static long comm_read(struct file *file, void __user *buffer, size_t length,
                      uint64_t *position)
{
    return proc_text_serve(file, buffer, length, position, comm_make);
}

/* A thread names those of its own process. */
static long comm_write(struct file *file, const void __user *buffer, size_t length,
                       uint64_t *position)
{
    char told[THREAD_NAME_SIZE] = "";
    size_t looked = length < sizeof(told) ? length : sizeof(told) - 1;
    if (copy_from_user(told, buffer, looked))
        return -EFAULT;
    char *name = node_name(file->inode);
    if (!name)
        return -ESRCH;
    if (proc_node(file->inode)->pid != process_current()->id)
        return -EINVAL;
    memcpy(name, told, sizeof(told));
    *position += length;
    return length;
}

const struct inode_operations proc_comm_operations = {
    .seek = SEEK_NO_END,
    .read = comm_read,
    .write = comm_write,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

/* --- /proc/TID: the process's files, but for what is the thread's own --------------------- */

static const struct proc_file own_files[] = {
    {"comm", S_IFREG | 0644, NULL, &proc_comm_operations},
    {"stat", S_IFREG | 0444, NULL, &task_text_operations},
    {"status", S_IFREG | 0444, NULL, &task_text_operations},
    {NULL, 0, NULL, NULL},
};

static int thread_lookup(struct inode *directory, const char *name, struct inode **found)
{
    if (!proc_thread(directory))
        return -ENOENT;
    int error = proc_table_lookup(directory, own_files, name, found);
    return error == -ENOENT ? proc_table_lookup(directory, proc_process_files, name, found)
                            : error;
}

static int thread_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    return proc_thread(directory)
               ? proc_table_entry(proc_process_files, proc_node(directory)->pid, cookie,
                                  view)
               : -ENOENT;
}

const struct inode_operations proc_thread_operations = {
    .lookup = thread_lookup,
    .entry = thread_entry,
    .destroy = proc_inode_destroy,
};

/* --- /proc/PID/task/TID: the same, without the others ---------------------------------- */

static bool is_tasks(const char *name)
{
    return strcmp(name, "task") == 0;
}

static int task_lookup(struct inode *directory, const char *name, struct inode **found)
{
    return is_tasks(name) ? -ENOENT : thread_lookup(directory, name, found);
}

/* "task" is the last. */
static int task_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    int more = thread_entry(directory, cookie, view);
    return more > 0 && is_tasks(view->name) ? 0 : more;
}

static const struct inode_operations task_operations = {
    .lookup = task_lookup,
    .entry = task_entry,
    .destroy = proc_inode_destroy,
};

/* --- /proc/PID/task ---------------------------------------------------------------------- */

static int tasks_lookup(struct inode *directory, const char *name, struct inode **found)
{
    struct process *process;
    uint64_t id;
    if (proc_process(directory, &process) || !proc_name_number(name, &id) ||
        !process_thread(process, (int)id))
        return -ENOENT;
    *found = proc_inode_create(
        directory, &task_operations, S_IFDIR | 0555,
        (struct proc_node){.pid = proc_node(directory)->pid, .thread = (int)id});
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
