/* kernel/file/file_system.c - hanging trees of files into the one that there is.  See
 * file_system.h.
 *
 * A tree is in use if somebody holds an inode of it who is not the tree itself. Each name holds
 * what it leads to, each inode the directory that it lies in; so counting does it: nobody uses a
 * tree of so many references as it has names and inodes, the root's own among them. Mappings hold
 * the contents alone, and are looked for when that is so. */
#include "kernel/file/file_system.h"
#include "kernel/file/file.h"
#include "kernel/file/memory_fs.h"
#include "kernel/process/thread.h"
#include "lib/panic.h"

#define PIPEFS_MAGIC        0x50495045
#define TMPFS_MAGIC         0x01021994
#define PROC_SUPER_MAGIC    0x9fa0
#define CGROUP2_SUPER_MAGIC 0x63677270

#define NO_PROGRAMS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

enum { NUMBER_MEMORY = 1, NUMBER_PROC, NUMBER_PIPE, NUMBER_GROUPS, NUMBER_FIRST_FREE };

struct file_system file_system_pipe = {
    .type = "pipefs", .magic = PIPEFS_MAGIC, .number = NUMBER_PIPE, .flags = NO_PROGRAMS};
struct file_system file_system_groups = {.type = "cgroup2",
                                         .source = "cgroup2",
                                         .magic = CGROUP2_SUPER_MAGIC,
                                         .number = NUMBER_GROUPS,
                                         .flags = NO_PROGRAMS,
                                         .lasting = true};
struct file_system file_system_proc = {.type = "proc",
                                       .source = "proc",
                                       .magic = PROC_SUPER_MAGIC,
                                       .number = NUMBER_PROC,
                                       .flags = NO_PROGRAMS,
                                       .lasting = true,
                                       .next = &file_system_groups};
struct file_system file_system_memory = {.type = "tmpfs",
                                         .source = "image",
                                         .magic = TMPFS_MAGIC,
                                         .number = NUMBER_MEMORY,
                                         .store.most = UINT64_MAX,
                                         .lasting = true,
                                         .next = &file_system_proc};
struct file_system *const file_systems = &file_system_memory;
uint64_t file_systems_changes;

static void file_systems_changed(void)
{
    file_systems_changes++;
    poll_wake();
}

static bool number_is_taken(uint32_t number)
{
    const struct file_system *tree = file_systems;

    while (tree && tree->number != number)
        tree = tree->next;
    return tree;
}

struct file_system *file_system_create(void)
{
    struct file_system *tree = heap_take(sizeof(*tree));

    if (!tree)
        return NULL;
    tree->type = file_system_memory.type;
    tree->magic = file_system_memory.magic;
    store_bound(&tree->store, UINT64_MAX);
    tree->number = NUMBER_FIRST_FREE;
    while (number_is_taken(tree->number))
        tree->number++;
    tree->root = memory_root_create(tree);
    if (tree->root)
        return tree;
    heap_give(tree, sizeof(*tree));
    return NULL;
}

void file_system_forget(struct file_system *tree)
{
    inode_release(tree->root);
    ASSERT(tree->references == 0 && tree->inodes == 0);
    heap_give(tree, sizeof(*tree));
}

int file_system_check_place(const struct inode *covered)
{
    unsigned count = 0;

    for (const struct file_system *tree = file_systems; tree; tree = tree->next)
        count++;
    if (!inode_is_directory(covered))
        return -ENOTDIR;
    if (!covered->links)
        return -ENOENT;
    if (!covered->parent || !inode_is_in_memory(covered->parent))
        return -EBUSY;
    return count < FILE_SYSTEMS_MOST ? 0 : -ENOSPC;
}

void file_system_hang(struct file_system *tree, struct inode *covered)
{
    struct file_system *last = file_systems;

    memory_change(covered->parent, covered->name, tree->root);
    tree->covered = covered;
    if (tree->lasting)
        return; /* it is in the list already */
    while (last->next)
        last = last->next;
    last->next = tree;
    file_systems_changed();
}

/* Take away every name below a root that nobody reaches any more. */
static void tree_empty(struct inode *root)
{
    struct inode *at = root;

    for (;;) {
        struct entry_view view;
        struct inode *below;
        uint64_t cookie = 0;

        thread_breathe();
        if (at->operations->entry(at, &cookie, &view)) {
            LEAVE_OUT(at->operations->lookup(at, view.name, &below)); /* it is there */
            inode_release(below);
            if (inode_is_directory(below))
                at = below;
            else
                LEAVE_OUT(at->operations->unlink(at, view.name, false));
        } else if (at != root) {
            struct inode *above = at->parent;
            LEAVE_OUT(above->operations->unlink(above, at->name, true));
            at = above;
        } else {
            return;
        }
    }
}

int file_system_take_down(struct inode *root)
{
    struct file_system *tree = root->file_system, *before = file_systems;

    inodes_end(); /* which sleeps: until then the caller's reference keeps the tree */
    inode_release(root);
    if (tree->lasting || tree->references != tree->inodes + tree->names ||
        memory_is_mapped(root, false))
        return -EBUSY;
    while (before->next != tree)
        before = before->next;
    before->next = tree->next;
    memory_change(root->parent, root->name, tree->covered);
    file_systems_changed();
    tree_empty(root);
    file_system_forget(tree);
    return 0;
}

int file_system_change(struct file_system *tree, uint32_t flags)
{
    bool ends = (flags & MS_RDONLY) && !(tree->flags & MS_RDONLY);

    if (ends && (tree->writers || memory_is_mapped(tree->root, true)))
        return -EBUSY;
    tree->flags = flags & TREE_FLAGS;
    return 0;
}
