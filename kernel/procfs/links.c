/* kernel/procfs/links.c - links of /proc: self, exe, cwd, root, and the open files of a process.
 *
 * They lead straight to the thing, not to its name: so an open file that has been removed,
 * or a pipe, which never had a name, can still be opened through /proc/PID/fd. */
#include "kernel/file/file_system.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"

/* --- self ------------------------------------------------------------------------------ */

static long self_read_link(struct inode *inode __attribute__((unused)), char *target,
                           size_t size)
{
    char text[16];
    size_t length = format(text, sizeof(text), "%d", process_current()->id);

    if (length > size)
        length = size;
    memcpy(target, text, length);
    return length;
}

const struct inode_operations proc_self_operations = {
    .read_link = self_read_link,
    .destroy = proc_inode_destroy,
};

/* --- Links to an inode ------------------------------------------------------------------ */

/* What has no name shows as its kind and number, "pipe:[12]". Length, cut to `size`. */
static long inode_describe(struct inode *inode, char *target, size_t size)
{
    if (inode->name || inode == file_root) {
        long length = path_of(inode, target, size);
        if (length >= 0)
            return length;
    }
    char text[64];
    const char *as = inode->operations->told_as ?: "file:[%lu]";
    size_t length = format(text, sizeof(text), as, inode->number);
    if (length > size)
        length = size;
    memcpy(target, text, length);
    return length;
}

/* The inode that exe, cwd or root means, with a reference; -ENOENT. */
static int link_follow(struct inode *link, struct inode **target)
{
    struct process *process;
    int error = proc_process(link, &process);

    if (error)
        return -ENOENT;
    switch (proc_node(link)->file->name[0]) {
    case 'e':
        *target = process->executable;
        break;
    case 'c':
        *target = process->directories ? process->directories->working : NULL;
        break;
    default:
        *target = process->directories ? process->directories->root : NULL;
        break;
    }
    if (!*target)
        return -ENOENT;
    inode_hold(*target);
    return 0;
}

/* The name of what a link of either kind leads to. */
static long link_read_link(struct inode *link, char *target, size_t size)
{
    struct inode *inode;
    int error = link->operations->follow(link, &inode);

    if (error)
        return error;
    long length = inode_describe(inode, target, size);
    inode_release(inode);
    return length;
}

const struct inode_operations proc_link_operations = {
    .read_link = link_read_link,
    .follow = link_follow,
    .destroy = proc_inode_destroy,
};

/* --- fd ------------------------------------------------------------------------------------ */

/* The files of the process or thread a node is about; NULL: it has gone, or is going. */
static struct files *node_files(const struct inode *inode)
{
    const struct thread *thread = proc_thread(inode);
    struct process *process;

    if (proc_node(inode)->thread)
        return thread ? thread->files : NULL;
    return proc_process(inode, &process) ? NULL : process->files;
}

static int fd_follow(struct inode *link, struct inode **target)
{
    struct files *files = node_files(link);
    struct file *file = files ? files_get(files, proc_node(link)->fd) : NULL;

    if (!file)
        return -ENOENT;
    *target = file->inode;
    inode_hold(*target);
    file_release(file);
    return 0;
}

static const struct inode_operations fd_link_operations = {
    .read_link = link_read_link,
    .follow = fd_follow,
    .destroy = proc_inode_destroy,
};

/* --- fdinfo -------------------------------------------------------------------------------- */

static int fdinfo_make(struct proc_text *text, const struct inode *inode)
{
    struct files *files = node_files(inode);
    int fd = proc_node(inode)->fd;
    struct file *file = files ? files_get(files, fd) : NULL;

    if (!file)
        return -ENOENT;
    proc_print(text, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n", file->position,
               file->flags | (files_closes_on_exec(files, fd) ? O_CLOEXEC : 0),
               file->inode->file_system->number, file->inode->number);
    file_release(file);
    return 0;
}

static long fdinfo_read(struct file *file, void __user *buffer, size_t length,
                        uint64_t *position)
{
    return proc_text_serve(file, buffer, length, position, fdinfo_make);
}

static const struct inode_operations fdinfo_operations = {
    .seek = SEEK_NO_END,
    .read = fdinfo_read,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

/* --- Both directories ---------------------------------------------------------------------- */

static bool is_fdinfo(const struct inode *directory)
{
    return directory->operations == &proc_fdinfo_operations;
}

static uint32_t fd_mode(const struct inode *directory)
{
    return is_fdinfo(directory) ? S_IFREG | 0400 : S_IFLNK | 0700;
}

static int fd_lookup(struct inode *directory, const char *name, struct inode **found)
{
    struct files *files = node_files(directory);
    uint64_t fd;

    if (!files || !proc_name_number(name, &fd) || fd >= FILES_MAX ||
        !files_is_open(files, fd))
        return -ENOENT;
    struct proc_node node = *proc_node(directory);
    node.fd = (int)fd;
    node.file = NULL;
    *found = proc_inode_create(
        directory, is_fdinfo(directory) ? &fdinfo_operations : &fd_link_operations,
        fd_mode(directory), node);
    return *found ? 0 : -ENOMEM;
}

static int fd_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    struct files *files = node_files(directory);
    int fd = files && *cookie < FILES_MAX ? files_next(files, *cookie) : -1;

    if (fd < 0)
        return 0;
    format(view->name, sizeof(view->name), "%d", fd);
    view->number = directory->number * FILES_MAX + fd;
    view->mode = fd_mode(directory);
    *cookie = fd + 1;
    return 1;
}

const struct inode_operations proc_fd_directory_operations = {
    .lookup = fd_lookup,
    .entry = fd_entry,
    .destroy = proc_inode_destroy,
};

const struct inode_operations proc_fdinfo_operations = {
    .lookup = fd_lookup,
    .entry = fd_entry,
    .destroy = proc_inode_destroy,
};
