/* kernel/file/inode.c - counting the uses of an inode.
 *
 * An inode stays as long as somebody can reach it: a directory entry, an open file, a
 * current directory, a mapping's name. It knows the directory that it has its name in and
 * keeps that one alive, so that ".." and getcwd always have somewhere to go. */
#include "kernel/file/inode.h"
#include "kernel/file/file_system.h"
#include "kernel/process/thread.h"
#include "lib/string.h"
#include "mm/mm.h"

#define NS_PER_SECOND 1000000000ul

static struct slab_cache inode_cache = SLAB_CACHE("inode", struct inode);
static uint64_t inode_last_number = 1;

uint64_t clock_start(void)
{
    static uint64_t start;

    if (!start)
        start = rtc_boot_seconds() * NS_PER_SECOND;
    return start;
}

uint64_t clock_real(void)
{
    return clock_start() + time_now();
}

struct inode *inode_create(const struct inode_operations *operations, uint32_t mode,
                           struct file_system *file_system)
{
    struct inode *inode = slab_take(&inode_cache);

    if (!inode)
        return NULL;
    inode->operations = operations;
    inode->number = ++inode_last_number;
    inode->mode = mode;
    inode->links = 1;
    inode->references = 1;
    inode->file_system = file_system;
    file_system->inodes++;
    file_system->references++;
    inode->accessed = inode->modified = inode->changed = clock_real();
    return inode;
}

void inode_hold(struct inode *inode)
{
    inode->references++;
    inode->file_system->references++;
}

static void name_forget(struct inode *inode)
{
    if (inode->name_lost)
        heap_give((char *)inode->name, strlen(inode->name) + 1);
    inode->name_lost = false;
}

/* --- Files that only regions show ---------------------------------------------------------- */

static struct inode *mapped_first; /* chained by `data`; each is held by being here */
unsigned mapped_only;

/* Its last reference has gone. True: regions still show its contents, and it stays to say whose
 * they are. */
static bool inode_stays_mapped(struct inode *inode)
{
    if (!inode->object || inode->object->references == 1)
        return false;
    inode_hold(inode);
    inode->data = mapped_first;
    mapped_first = inode;
    mapped_only++;
    return true;
}

/* One that no region shows any more, out of the list; NULL: there is none. */
static struct inode *mapped_take(void)
{
    struct inode *before = NULL, *inode = mapped_first;

    while (inode && inode->object->references > 1) {
        before = inode;
        inode = inode->data;
    }
    if (!inode)
        return NULL;
    if (before)
        before->data = inode->data;
    else
        mapped_first = inode->data;
    mapped_only--;
    return inode;
}

void inodes_end(void)
{
    for (struct inode *inode; (inode = mapped_take());)
        inode_release(inode);
}

/* --- Released -------------------------------------------------------------------------------- */

/* A chain of directories may go with the last file in it: one after the other, not by
 * recursion on a small stack. */
void inode_release(struct inode *inode)
{
    while (inode) {
        struct inode *parent = inode->parent;

        inode->file_system->references--;
        if (--inode->references > 0 || inode_stays_mapped(inode))
            return;
        inode->file_system->inodes--;
        if (inode->operations->destroy)
            inode->operations->destroy(inode);
        name_forget(inode);
        slab_give(&inode_cache, inode);
        inode = parent;
    }
}

void inode_lose_name(struct inode *inode)
{
    static const char mark[] = " (deleted)";
    size_t length = strlen(inode->name);
    char *name = heap_take(length + sizeof(mark));
    if (name) {
        memcpy(name, inode->name, length);
        memcpy(name + length, mark, sizeof(mark));
    }
    inode->name = name ? name : "(deleted)";
    inode->name_lost = name;
}

void inode_place(struct inode *inode, struct inode *directory, const char *name)
{
    struct inode *before = inode->parent;

    inode_hold(directory);
    name_forget(inode);
    inode->parent = directory;
    inode->name = name;
    if (before)
        inode_release(before);
}

void inode_modified(struct inode *inode)
{
    inode->modified = inode->changed = clock_real();
}
