/* kernel/procfs/proc.c - the tree of /proc: the kernel's figures as files.
 *
 * Nothing of it is stored. An inode is made when its name is looked up and remembers only
 * which process and which entry of which table it stands for; a process that has ended
 * meanwhile shows as ESRCH. Formats are Linux's, so that free, top and ps just work. */
#include "kernel/procfs/proc.h"
#include "kernel/file/file_system.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

/* Inode numbers: what belongs to a process lies together. */
#define NUMBER_PROCESS(pid) ((uint64_t)(pid) << 16)

static struct slab_cache node_cache = SLAB_CACHE("proc-node", struct proc_node);

static const struct inode_operations root_operations;
static const struct inode_operations process_operations;

struct inode *proc_inode_create(struct inode *directory,
                                const struct inode_operations *operations, uint32_t mode,
                                struct proc_node node)
{
    struct proc_node *data = slab_take(&node_cache);
    struct inode *inode = data ? inode_create(operations, mode, &file_system_proc) : NULL;

    if (!inode) {
        if (data)
            slab_give(&node_cache, data);
        return NULL;
    }
    *data = node;
    inode->data = data;
    inode->seekable = true;
    if (inode_is_directory(inode))
        inode->links = 2;
    if (directory)
        inode_place(inode, directory, node.file ? node.file->name : NULL);
    return inode;
}

void proc_inode_destroy(struct inode *inode)
{
    if (inode->data)
        slab_give(&node_cache, inode->data);
}

int proc_process(const struct inode *inode, struct process **process)
{
    *process = process_find(proc_node(inode)->pid);
    return *process ? 0 : -ESRCH;
}

struct thread *proc_thread(const struct inode *inode)
{
    struct process *process;

    return proc_process(inode, &process)
               ? NULL
               : process_thread(process, proc_node(inode)->thread);
}

int proc_memory_open(struct file *file)
{
    struct process *process;
    int error = proc_process(file->inode, &process);

    return error ? error : process->space ? 0 : -ESRCH;
}

bool proc_rest(struct process **process)
{
    int pid = (*process)->id;
    uint32_t space = (*process)->space->id;

    thread_breathe();
    *process = process_find(pid);
    return *process && (*process)->space && (*process)->space->id == space;
}

struct inode *proc_root_create(void)
{
    return proc_inode_create(NULL, &root_operations, S_IFDIR | 0555, (struct proc_node){0});
}

/* --- Tables ----------------------------------------------------------------------------- */

/* Tables lie within a megabyte, so the place of an entry is a number of its own. */
static uint64_t table_number(int pid, const struct proc_file *file)
{
    return NUMBER_PROCESS(pid) + 2 + ((uintptr_t)file / sizeof(*file) & 0x7fff);
}

int proc_table_lookup(struct inode *directory, const struct proc_file *table,
                      const char *name, struct inode **found)
{
    int pid = proc_node(directory)->pid;

    for (unsigned i = 0; table[i].name; i++) {
        if (strcmp(table[i].name, name) != 0)
            continue;
        const struct inode_operations *operations = table[i].operations;
        *found = proc_inode_create(
            directory, operations ? operations : &proc_text_operations, table[i].mode,
            (struct proc_node){
                .pid = pid, .thread = proc_node(directory)->thread, .file = &table[i]});
        if (!*found)
            return -ENOMEM;
        (*found)->number = table_number(pid, &table[i]);
        return 0;
    }
    return -ENOENT;
}

/* The table's entry number *cookie. 1, or 0: there are fewer. */
int proc_table_entry(const struct proc_file *table, int pid, uint64_t *cookie,
                     struct entry_view *view)
{
    for (uint64_t i = 0; table[i].name; i++) {
        if (i != *cookie)
            continue;
        text_copy(view->name, table[i].name, sizeof(view->name));
        view->number = table_number(pid, &table[i]);
        view->mode = table[i].mode;
        ++*cookie;
        return 1;
    }
    return 0;
}

/* --- The root: files of the whole system, and a directory for each process ----------------- */

#define COOKIE_PROCESSES 1000u /* + pid; tables are shorter */

bool proc_name_number(const char *name, uint64_t *number)
{
    return (name[0] != '0' || !name[1]) && name[0] >= '0' && name[0] <= '9' &&
           text_number(name, number);
}

static int root_lookup(struct inode *directory, const char *name, struct inode **found)
{
    uint64_t pid;

    if (!proc_name_number(name, &pid))
        return proc_table_lookup(directory, proc_root_files, name, found);
    if (pid > INT32_MAX || !pid)
        return -ENOENT;
    const struct thread *thread = process_find(pid) ? NULL : thread_find((int)pid);
    if (thread) /* not in the list, but to be found by its number */
        *found = proc_inode_create(
            directory, &proc_thread_operations, S_IFDIR | 0555,
            (struct proc_node){.pid = thread->process->id, .thread = thread->id});
    else if (process_find(pid))
        *found = proc_inode_create(directory, &process_operations, S_IFDIR | 0555,
                                   (struct proc_node){.pid = pid});
    else
        return -ENOENT;
    if (!*found)
        return -ENOMEM;
    (*found)->number = NUMBER_PROCESS(pid) + 1;
    return 0;
}

/* The first process whose id is at least `pid`. */
static const struct process *process_from(uint64_t pid)
{
    const struct process *process = process_first;

    while (process && (uint64_t)process->id < pid)
        process = process->next;
    return process;
}

static int root_entry(struct inode *directory __attribute__((unused)), uint64_t *cookie,
                      struct entry_view *view)
{
    if (*cookie < COOKIE_PROCESSES && proc_table_entry(proc_root_files, 0, cookie, view))
        return 1;
    if (*cookie < COOKIE_PROCESSES)
        *cookie = COOKIE_PROCESSES;
    const struct process *process = process_from(*cookie - COOKIE_PROCESSES);
    if (!process)
        return 0;
    format(view->name, sizeof(view->name), "%d", process->id);
    view->number = NUMBER_PROCESS(process->id) + 1;
    view->mode = S_IFDIR | 0555;
    *cookie = COOKIE_PROCESSES + process->id + 1;
    return 1;
}

static const struct inode_operations root_operations = {
    .lookup = root_lookup,
    .entry = root_entry,
    .destroy = proc_inode_destroy,
};

/* --- /proc/PID ----------------------------------------------------------------------------- */

static int process_lookup(struct inode *directory, const char *name, struct inode **found)
{
    struct process *process;
    int error = proc_process(directory, &process);

    return error ? -ENOENT : proc_table_lookup(directory, proc_process_files, name, found);
}

static int process_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    struct process *process;
    int error = proc_process(directory, &process);

    if (error)
        return -ENOENT;
    return proc_table_entry(proc_process_files, process->id, cookie, view);
}

static const struct inode_operations process_operations = {
    .lookup = process_lookup,
    .entry = process_entry,
    .destroy = proc_inode_destroy,
};
