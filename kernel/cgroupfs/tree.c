/* kernel/cgroupfs/tree.c - the directories of /sys/fs/cgroup: mkdir makes a group, rmdir
 * ends it. */
#include "kernel/cgroupfs/cgroup.h"
#include "kernel/file/file_system.h"
#include "kernel/thrashing/frame_shares.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define COOKIE_GROUPS 1000u /* + index of the group; there are fewer files */

struct cgroup cgroups[GROUPS_MAX];

static const struct inode_operations root_operations;
static const struct inode_operations group_operations;

const char *cgroup_name(unsigned group)
{
    return cgroups[group].name;
}

/* --- Making and ending groups ---------------------------------------------------------- */

static struct inode *directory_create(struct cgroup *cgroup,
                                      const struct inode_operations *operations)
{
    struct inode *inode = inode_create(operations, S_IFDIR | 0755, &file_system_groups);
    if (!inode)
        return NULL;
    inode->links = 2;
    inode->seekable = true;
    inode->data = cgroup;
    cgroup->directory = inode;
    return inode;
}

struct inode *cgroup_root_create(void)
{
    cgroup_each_init();
    return directory_create(&cgroups[GROUP_ALL], &root_operations);
}

static struct cgroup *cgroup_find(const char *name)
{
    for (unsigned i = 1; i < GROUPS_MAX; i++)
        if (cgroups[i].directory && strcmp(cgroups[i].name, name) == 0)
            return &cgroups[i];
    return NULL;
}

/* A name and an inode for a group that is there already. */
static int cgroup_open(struct cgroup *cgroup, struct inode *root, const char *name)
{
    size_t length = strlen(name) + 1;

    cgroup->name = heap_take(length);
    if (!cgroup->name || !directory_create(cgroup, &group_operations)) {
        if (cgroup->name)
            heap_give(cgroup->name, length);
        cgroup->name = NULL;
        return -ENOMEM;
    }
    memcpy(cgroup->name, name, length);
    inode_place(cgroup->directory, root, cgroup->name);
    root->links++;
    return 0;
}

struct cgroup *cgroup_make(const char *name, int *error)
{
    bool taken = cgroup_find(name);
    struct group *group = taken ? NULL : group_create();
    *error = group ? 0 : taken ? -EEXIST : -ENOSPC;
    if (!group)
        return NULL;
    mm_lock();
    policy_change(group, groups[GROUP_ALL].policy);
    mm_unlock();
    struct cgroup *cgroup = &cgroups[group_index(group)];
    *error = cgroup_open(cgroup, cgroups[GROUP_ALL].directory, name);
    if (!*error)
        return cgroup;
    group_destroy(group, &groups[GROUP_ALL]);
    return NULL;
}

static int root_create(struct inode *root __attribute__((unused)), const char *name,
                       uint32_t mode, uint64_t device __attribute__((unused)),
                       struct inode **created)
{
    int error;

    if ((mode & S_IFMT) != S_IFDIR)
        return -EPERM;
    const struct cgroup *cgroup = cgroup_make(name, &error);
    if (!cgroup)
        return error;
    inode_hold(cgroup->directory);
    *created = cgroup->directory;
    return 0;
}

/* Groups do not nest. */
static int group_create_below(struct inode *directory __attribute__((unused)),
                              const char *name __attribute__((unused)), uint32_t mode,
                              uint64_t device __attribute__((unused)),
                              struct inode **created __attribute__((unused)))
{
    return (mode & S_IFMT) == S_IFDIR ? -EOPNOTSUPP : -EPERM;
}

bool cgroup_is_used(const struct cgroup *cgroup)
{
    return cgroup->users > 0 || view_group_used(group_index(cgroup_group(cgroup)));
}

/* What is still charged to a group that ends becomes the group of all's, which may have a
 * limit of its own. */
static bool heir_has_room(struct cgroup *cgroup)
{
    struct group *group = cgroup_group(cgroup), *heir = &groups[GROUP_ALL];
    bool room = true;

    cgroup->users++;
    while (room && (uint64_t)heir->charged + group->charged > heir->limit)
        room = group_reclaim(heir, heir->charged + group->charged - heir->limit) > 0;
    cgroup->users--;
    return room;
}

void cgroup_end(struct cgroup *cgroup)
{
    struct group *group = cgroup_group(cgroup);
    struct inode *directory = cgroup->directory;

    victims_end(cgroup);
    reference_string_end(group);
    group_destroy(group, &groups[GROUP_ALL]);
    directory->data = NULL;
    directory->links = 0;
    directory->name = "(deleted)";
    heap_give(cgroup->name, strlen(cgroup->name) + 1);
    *cgroup = (struct cgroup){.name = NULL};
    inode_release(directory);
    cgroups[GROUP_ALL].directory->links--;
}

static int root_unlink(struct inode *root __attribute__((unused)), const char *name,
                       bool is_directory)
{
    allocation_settle();
    struct cgroup *cgroup = cgroup_find(name);
    if (!cgroup)
        return -EPERM; /* one of the root's files */
    if (!is_directory)
        return -EISDIR;
    if (cgroup_is_used(cgroup) || !heir_has_room(cgroup))
        return -EBUSY;
    if (cgroup_is_used(cgroup) || allocation_under_way) /* making room may have slept */
        return -EBUSY;
    cgroup_end(cgroup);
    return 0;
}

/* --- Reading directories ------------------------------------------------------------------ */

static const struct inode_operations text_operations;

struct cgroup *cgroup_of(const struct inode *file)
{
    return file->parent->data;
}

static bool is_root(const struct inode *directory)
{
    return directory == cgroups[GROUP_ALL].directory;
}

/* The file number `index` of a directory; NULL: it has fewer. */
static const struct cgroup_file *file_at(const struct inode *directory, uint64_t index)
{
    static unsigned count;
    uint64_t own = 0;

    while (cgroup_files[count].name)
        count++;
    if (index < count)
        return &cgroup_files[index];
    while (is_root(directory) && cgroup_root_files[own].name && own < index - count)
        own++;
    return is_root(directory) && cgroup_root_files[own].name ? &cgroup_root_files[own]
                                                             : NULL;
}

static int file_lookup(struct inode *directory, const char *name, struct inode **found)
{
    const struct cgroup_file *file;

    if (!directory->data)
        return -ENOENT;
    for (unsigned i = 0; (file = file_at(directory, i)); i++) {
        if (strcmp(file->name, name) != 0)
            continue;
        *found = inode_create(file->operations ? file->operations : &text_operations,
                              file->mode, &file_system_groups);
        if (!*found)
            return -ENOMEM;
        (*found)->number = directory->number << 16 | i;
        (*found)->seekable = true;
        (*found)->data = (void *)file;
        inode_place(*found, directory, file->name);
        return 0;
    }
    return -ENOENT;
}

static int root_lookup(struct inode *root, const char *name, struct inode **found)
{
    struct cgroup *cgroup = cgroup_find(name);

    if (!cgroup)
        return file_lookup(root, name, found);
    *found = cgroup->directory;
    inode_hold(*found);
    return 0;
}

static int file_entry(struct inode *directory, uint64_t *cookie, struct entry_view *view)
{
    const struct cgroup_file *file = directory->data ? file_at(directory, *cookie) : NULL;

    if (!file)
        return 0;
    memcpy(view->name, file->name, strlen(file->name) + 1);
    view->number = directory->number << 16 | *cookie;
    view->mode = file->mode;
    ++*cookie;
    return 1;
}

static int root_entry(struct inode *root, uint64_t *cookie, struct entry_view *view)
{
    if (*cookie < COOKIE_GROUPS && file_entry(root, cookie, view))
        return 1;
    if (*cookie < COOKIE_GROUPS)
        *cookie = COOKIE_GROUPS + 1;
    for (; *cookie < COOKIE_GROUPS + GROUPS_MAX; ++*cookie) {
        const struct cgroup *cgroup = &cgroups[*cookie - COOKIE_GROUPS];
        if (!cgroup->directory)
            continue;
        memcpy(view->name, cgroup->name, strlen(cgroup->name) + 1);
        view->number = cgroup->directory->number;
        view->mode = cgroup->directory->mode;
        ++*cookie;
        return 1;
    }
    return 0;
}

static const struct inode_operations root_operations = {
    .lookup = root_lookup,
    .create = root_create,
    .unlink = root_unlink,
    .entry = root_entry,
};

static const struct inode_operations group_operations = {
    .lookup = file_lookup,
    .create = group_create_below,
    .entry = file_entry,
};

/* --- Files of text -------------------------------------------------------------------------- */

static int text_make(struct proc_text *text, const struct inode *inode)
{
    const struct cgroup_file *file = inode->data;
    struct cgroup *cgroup = cgroup_of(inode);

    if (!cgroup)
        return -ENODEV;
    if (!file->show)
        return -EINVAL;
    cgroup_hold(cgroup);
    int error = file->show(text, cgroup);
    cgroup_release(cgroup);
    return error;
}

static long text_read(struct file *file, void __user *buffer, size_t length,
                      uint64_t *position)
{
    return proc_text_serve(file, buffer, length, position, text_make);
}

static const struct inode_operations text_operations = {
    .read = text_read,
    .write = cgroup_file_write,
    .fetches = true,
    .close = proc_text_close,
};
