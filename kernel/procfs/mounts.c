/* kernel/procfs/mounts.c - /proc's files about trees of files: which there are, and where. */
#include "kernel/file/file_system.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"

#define ESCAPED " \t\n\\" /* of a word that stands between blanks */

/* A process that has ended sees none. */
static int mounts_open(struct file *file)
{
    struct proc_node *node = proc_node(file->inode);
    struct process *process;
    int error = node->pid ? proc_process(file->inode, &process) : 0;

    if (!error && node->pid && !process->space)
        error = -EINVAL;
    node->seen = file_systems_changes;
    return error;
}

static long mounts_read(struct file *file, void __user *buffer, size_t length,
                        uint64_t *position)
{
    if (*position == 0)
        proc_node(file->inode)->seen = file_systems_changes;
    return proc_text_read(file, buffer, length, position);
}

/* It can be read at any time; what it says may have changed since. */
static unsigned mounts_ready(struct file *file)
{
    bool changed = proc_node(file->inode)->seen != file_systems_changes;

    return POLLIN | (changed ? POLLPRI | POLLERR : 0);
}

const struct inode_operations proc_mounts_operations = {
    .seek = SEEK_NO_END,
    .open = mounts_open,
    .read = mounts_read,
    .ready = mounts_ready,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

static void print_flags(struct proc_text *text, const struct file_system *tree)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {{MS_NOSUID, ",nosuid"},
                 {MS_NODEV, ",nodev"},
                 {MS_NOEXEC, ",noexec"},
                 {MS_NOATIME, ",noatime"}};

    proc_print(text, tree->flags & MS_RDONLY ? "ro" : "rw");
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (tree->flags & names[i].flag)
            proc_print(text, "%s", names[i].name);
}

static void print_size(struct proc_text *text, const struct file_system *tree)
{
    if (tree->store.most && tree->store.most != UINT64_MAX)
        proc_print(text, ",size=%luk", tree->store.most * (PAGE_SIZE / 1024));
}

int proc_mounts(struct proc_text *text, struct process *process __attribute__((unused)))
{
    for (const struct file_system *tree = file_systems; tree; tree = tree->next) {
        proc_add_escaped(text, tree->source, ESCAPED);
        proc_print(text, " ");
        proc_add_path(text, tree->root, ESCAPED);
        proc_print(text, " %s ", tree->type);
        print_flags(text, tree);
        print_size(text, tree);
        proc_print(text, " 0 0\n");
    }
    return 0;
}

int proc_mountinfo(struct proc_text *text, struct process *process __attribute__((unused)))
{
    for (const struct file_system *tree = file_systems; tree; tree = tree->next) {
        const struct inode *above = tree->root->parent;
        proc_print(text, "%u %u 0:%u / ", tree->number,
                   above ? above->file_system->number : tree->number, tree->number);
        proc_add_path(text, tree->root, ESCAPED);
        proc_print(text, " ");
        print_flags(text, tree);
        proc_print(text, " - %s ", tree->type);
        proc_add_escaped(text, tree->source, ESCAPED);
        proc_print(text, " %s", tree->flags & MS_RDONLY ? "ro" : "rw");
        print_size(text, tree);
        proc_print(text, "\n");
    }
    return 0;
}

int proc_filesystems(struct proc_text *text,
                     struct process *process __attribute__((unused)))
{
    proc_print(text, "nodev\ttmpfs\nnodev\tproc\nnodev\tpipefs\nnodev\tcgroup2\n");
    return 0;
}
