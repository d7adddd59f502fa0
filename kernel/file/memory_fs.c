/* kernel/file/memory_fs.c - the root file system: a tree of names in memory.
 *
 * The program image fills it at boot; whatever is made later lives here too. A file's
 * contents are an object (object.h): pages that come from the image's disk when first
 * touched, or from zeroes, and stay in memory when written. So a file needs nothing here
 * but its name, and `read`, `write` and `mmap` of it meet in the same pages.
 *
 * All entries of all directories are in one hash table, by directory and name; those of one
 * directory are also in a list, in the order they were made, for reading it. */
#include "kernel/file/memory_fs.h"
#include "kernel/device/device.h"
#include "kernel/file/file_system.h"
#include "kernel/file/pipe.h"
#include "kernel/file/regular.h"
#include "kernel/file/symlink.h"
#include "kernel/file/writers.h"
#include "kernel/process/capacity.h"
#include "kernel/terminal/tty.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/mm.h"

#define S_ISGID 02000u /* of a directory: what is made in it is of its group */
#define BUCKETS 2048u

struct directory_entry {
    struct inode *directory; /* not a reference: the directory outlives its entries */
    struct inode *inode;     /* a reference */
    struct directory_entry *hash_next;
    struct directory_entry *next, *previous; /* in the directory, by cookie */
    uint64_t cookie;                         /* its place when the directory is read */
    uint32_t hash;
    char name[];
};

/* What the inode of a directory has as its `data`. */
struct directory {
    struct directory_entry *first, *last;
    struct directory_entry
        *recent; /* where reading it got to: the next call goes on there */
    uint64_t next_cookie;
};

static struct directory_entry *buckets[BUCKETS];
uint64_t memory_names;
static struct slab_cache directory_cache = SLAB_CACHE("directory", struct directory);

static uint32_t entry_hash(const struct inode *directory, const char *name)
{
    uint32_t hash = 2166136261u ^ (uint32_t)directory->number * 16777619u;

    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u; /* FNV-1a */
    return hash ^ hash >> 15;
}

static struct directory_entry *entry_find(const struct inode *directory, const char *name)
{
    uint32_t hash = entry_hash(directory, name);
    struct directory_entry *entry = buckets[hash % BUCKETS];

    while (entry && (entry->hash != hash || entry->directory != directory ||
                     strcmp(entry->name, name) != 0))
        entry = entry->hash_next;
    return entry;
}

/* Bytes of an entry whose name has so many characters. */
static size_t entry_size(size_t name_length)
{
    return sizeof(struct directory_entry) + name_length + 1;
}

/* Add a name for `inode`, taking over the caller's reference. */
static int entry_add(struct inode *directory, const char *name, struct inode *inode)
{
    struct directory *list = directory->data;
    size_t length = strlen(name);
    struct directory_entry *entry;

    if (memory_names >= capacity.names)
        return -ENOSPC;
    entry = heap_take(entry_size(length));

    if (!entry)
        return -ENOMEM;
    memory_names++;
    directory->file_system->names++;
    memcpy(entry->name, name, length + 1);
    entry->directory = directory;
    entry->inode = inode;
    entry->hash = entry_hash(directory, name);
    entry->hash_next = buckets[entry->hash % BUCKETS];
    buckets[entry->hash % BUCKETS] = entry;
    entry->cookie = list->next_cookie++;
    entry->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = entry;
    list->last = entry;
    if (inode_is_directory(inode))
        directory->links++; /* its ".." */
    inode_place(inode, directory, entry->name);
    inode_modified(directory);
    return 0;
}

static void entry_unlink(struct directory *list, struct directory_entry *entry)
{
    struct directory_entry **link = &buckets[entry->hash % BUCKETS];

    while (*link != entry)
        link = &(*link)->hash_next;
    *link = entry->hash_next;
    *(entry->previous ? &entry->previous->next : &list->first) = entry->next;
    *(entry->next ? &entry->next->previous : &list->last) = entry->previous;
    if (list->recent == entry)
        list->recent = NULL;
}

/* Take a name away; its reference to the inode becomes the caller's. */
static struct inode *entry_remove(struct directory_entry *entry)
{
    struct inode *inode = entry->inode, *directory = entry->directory;

    entry_unlink(directory->data, entry);
    if (inode_is_directory(inode))
        directory->links--;
    if (inode->name == entry->name)
        inode_lose_name(inode);
    inode_modified(directory);
    memory_names--;
    directory->file_system->names--;
    heap_give(entry, entry_size(strlen(entry->name)));
    return inode;
}

static bool directory_is_empty(const struct inode *directory)
{
    return !((struct directory *)directory->data)->first;
}

/* --- Making inodes ----------------------------------------------------------------- */

static struct inode *file_create_in(struct file_system *tree, uint32_t mode,
                                    struct object *object)
{
    struct inode *inode;

    if (!object)
        return NULL;
    inode = inode_create(&regular_operations, S_IFREG | (mode & MODE_RIGHTS), tree);
    if (!inode) {
        object_release(object);
        return NULL;
    }
    inode->object = object;
    object_store(object, &tree->store);
    object_belongs(inode->object, inode);
    inode->seekable = true;
    inode->seals = F_SEAL_SEAL; /* only what memfd_create makes can be sealed */
    return inode;
}

struct inode *memory_file_create(uint32_t mode, struct object *object)
{
    return file_create_in(&file_system_memory, mode, object);
}

static struct inode *directory_create(struct file_system *tree, uint32_t mode)
{
    struct inode *inode = inode_create(&memory_directory_operations, mode, tree);

    if (!inode)
        return NULL;
    inode->links = 2;
    inode->seekable = true;
    inode->data = slab_take(&directory_cache);
    if (!inode->data) {
        inode_release(inode);
        return NULL;
    }
    return inode;
}

static struct inode *special_create(struct file_system *tree, uint32_t mode,
                                    uint64_t device)
{
    bool is_pipe = (mode & S_IFMT) == S_IFIFO, is_socket = (mode & S_IFMT) == S_IFSOCK;
    bool known = (mode & S_IFMT) == S_IFCHR;
    struct inode *inode = inode_create(
        is_pipe ? &pipe_operations : device_operations(known ? device : 0), mode, tree);

    if (inode) {
        inode->device = is_pipe || is_socket ? 0 : device;
        inode->seekable = !is_pipe && inode->operations != &tty_operations;
    }
    return inode;
}

static struct inode *memory_inode_create(struct file_system *tree, uint32_t mode,
                                         uint64_t device)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return file_create_in(tree, mode, object_create(NULL, 0, 0));
    case S_IFDIR:
        return directory_create(tree, mode);
    default:
        return special_create(tree, mode, device);
    }
}

struct inode *memory_root_create(struct file_system *tree)
{
    return directory_create(tree, S_IFDIR | 0755);
}

int memory_attach(struct inode *directory, const char *name, struct inode *inode)
{
    if (entry_find(directory, name))
        return -EEXIST;
    int error = entry_add(directory, name, inode);
    if (!error)
        inode_hold(inode);
    return error;
}

/* Give a new inode its name, or give it up; the reference is used either way. */
static int directory_add(struct inode *directory, const char *name, struct inode *inode)
{
    int error = -ENOMEM;

    if (!inode)
        return error;
    if (entry_find(directory, name))
        error = -EEXIST;
    else if (!directory->links)
        error = -ENOENT; /* it has been removed itself */
    else
        error = entry_add(directory, name, inode);
    if (error)
        inode_release(inode);
    return error;
}

/* --- The operations of a directory ---------------------------------------------------- */

static int directory_lookup(struct inode *directory, const char *name, struct inode **found)
{
    struct directory_entry *entry = entry_find(directory, name);

    if (!entry)
        return -ENOENT;
    *found = entry->inode;
    inode_hold(*found);
    return 0;
}

/* What is made in a directory with S_ISGID is of its group, and a directory passes that on. */
static void group_inherit(struct inode *inode, const struct inode *directory)
{
    if (!inode || !(directory->mode & S_ISGID))
        return;
    inode->group = directory->group;
    if (inode_is_directory(inode))
        inode->mode |= S_ISGID;
}

static int directory_create_entry(struct inode *directory, const char *name, uint32_t mode,
                                  uint64_t device, struct inode **created)
{
    struct inode *inode = memory_inode_create(directory->file_system, mode, device);

    group_inherit(inode, directory);
    int error = directory_add(directory, name, inode);

    if (error)
        return error;
    inode_hold(inode);
    *created = inode;
    return 0;
}

static int directory_symlink(struct inode *directory, const char *name, const char *target)
{
    struct inode *inode;
    int error = symlink_create(directory, target, &inode);

    if (error)
        return error;
    group_inherit(inode, directory);
    return directory_add(directory, name, inode);
}

static int directory_link(struct inode *directory, const char *name, struct inode *inode)
{
    if (inode->file_system != directory->file_system)
        return -EXDEV;
    if (inode_is_directory(inode))
        return -EPERM;
    inode_hold(inode);
    int error = directory_add(directory, name, inode);
    if (!error) {
        inode->links++;
        inode->changed = clock_real();
    }
    return error;
}

/* Does another tree hang there? */
static bool entry_is_covered(const struct directory_entry *entry)
{
    return entry->inode->file_system != entry->directory->file_system;
}

/* May the entry's name go, in favour of a directory (or nothing), or of another file? */
static int entry_check_removal(const struct directory_entry *entry, bool as_directory)
{
    if (!inode_is_directory(entry->inode))
        return as_directory ? -ENOTDIR : 0;
    if (!as_directory)
        return -EISDIR;
    if (entry_is_covered(entry))
        return -EBUSY;
    return directory_is_empty(entry->inode) ? 0 : -ENOTEMPTY;
}

static void entry_delete(struct directory_entry *entry)
{
    struct inode *inode = entry_remove(entry);

    inode->links = inode_is_directory(inode) ? 0 : inode->links - 1;
    inode->changed = clock_real();
    inode_release(inode);
}

static int directory_unlink(struct inode *directory, const char *name, bool is_directory)
{
    struct directory_entry *entry = entry_find(directory, name);
    int error = entry ? entry_check_removal(entry, is_directory) : -ENOENT;

    if (!error)
        entry_delete(entry);
    return error;
}

/* Is `inode` the directory `below`, or above it? */
static bool directory_is_above(const struct inode *inode, const struct inode *below)
{
    while (below && below != inode)
        below = below->parent;
    return below == inode;
}

static int directory_rename(struct inode *from, const char *old, struct inode *to,
                            const char *name)
{
    struct directory_entry *entry = entry_find(from, old), *target = entry_find(to, name);
    int error = 0;

    if (!entry)
        return -ENOENT;
    struct inode *inode = entry->inode;
    if (entry_is_covered(entry))
        return -EBUSY;
    if (target && target->inode == inode)
        return 0; /* two names of one file: POSIX wants both to stay */
    if (inode_is_directory(inode) && directory_is_above(inode, to))
        return -EINVAL;
    if (!to->links)
        return -ENOENT;
    if (target && directory_is_above(target->inode, from))
        return -ENOTEMPTY;
    if (target)
        error = entry_check_removal(target, inode_is_directory(inode));
    if (error)
        return error;
    error = entry_add(to, name, inode); /* first what may fail */
    if (error)
        return error;
    if (target)
        entry_delete(target);
    entry_remove(entry); /* its reference is now the new entry's */
    inode->changed = clock_real();
    return 0;
}

/* The name means another file from now on; the references stay as many as they were. */
static void entry_change(struct directory_entry *entry, struct inode *inode)
{
    struct inode *directory = entry->directory;

    directory->links -= inode_is_directory(entry->inode);
    directory->links += inode_is_directory(inode);
    entry->inode = inode;
    inode_place(inode, directory, entry->name);
    inode->changed = clock_real();
    inode_modified(directory);
}

static int directory_exchange(struct inode *from, const char *old, struct inode *to,
                              const char *name)
{
    struct directory_entry *entry = entry_find(from, old), *other = entry_find(to, name);

    if (!entry || !other)
        return -ENOENT;
    struct inode *inode = entry->inode, *target = other->inode;
    if (entry_is_covered(entry) || entry_is_covered(other))
        return -EBUSY;
    if (inode == target)
        return 0;
    if (directory_is_above(inode, to) || directory_is_above(target, from))
        return -EINVAL;
    entry_change(entry, target);
    entry_change(other, inode);
    return 0;
}

static int directory_entry(struct inode *directory, uint64_t *cookie,
                           struct entry_view *view)
{
    struct directory *list = directory->data;
    struct directory_entry *entry = list->recent;

    if (!entry || entry->cookie >= *cookie)
        entry = list->first;
    while (entry && entry->cookie < *cookie)
        entry = entry->next;
    if (!entry)
        return 0;
    list->recent = entry;
    *cookie = entry->cookie + 1;
    memcpy(view->name, entry->name, strlen(entry->name) + 1);
    view->number = entry->inode->number;
    view->mode = entry->inode->mode;
    return 1;
}

static void directory_destroy(struct inode *directory)
{
    if (!directory->data)
        return;
    ASSERT(directory_is_empty(directory));
    slab_give(&directory_cache, directory->data);
}

const struct inode_operations memory_directory_operations = {
    .seek = SEEK_NO_END,
    .lookup = directory_lookup,
    .create = directory_create_entry,
    .symlink = directory_symlink,
    .link = directory_link,
    .unlink = directory_unlink,
    .rename = directory_rename,
    .exchange = directory_exchange,
    .entry = directory_entry,
    .destroy = directory_destroy,
};

/* --- Whole trees ---------------------------------------------------------------------- */

void memory_change(struct inode *directory, const char *name, struct inode *inode)
{
    struct directory_entry *entry = entry_find(directory, name);

    entry->inode = inode;
    inode_place(inode, directory, entry->name);
}

/* The next in a walk along all names of the tree with that root. */
static struct directory_entry *entry_after(const struct directory_entry *entry,
                                           const struct inode *root)
{
    const struct inode *inode = entry->inode;

    if (inode_is_directory(inode) && !entry_is_covered(entry) && !directory_is_empty(inode))
        return ((struct directory *)inode->data)->first;
    while (!entry->next && entry->directory != root)
        entry = entry_find(entry->directory->parent, entry->directory->name);
    return entry->next;
}

bool memory_is_mapped(const struct inode *root, bool by_writer)
{
    struct directory_entry *entry = ((struct directory *)root->data)->first;

    for (; entry; entry = entry_after(entry, root)) {
        struct inode *inode = entry->inode;
        if (inode->object && inode->object->references > 1 &&
            (!by_writer || writers_mapped(inode)))
            return true;
    }
    return false;
}
