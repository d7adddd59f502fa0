/* kernel/file/file_system.h - trees of files: which there are, where each hangs, and what may be
 * done in it.
 *
 * A tree hangs where a directory of a tree in memory was, which it covers: the directory's name
 * leads to the tree's root from then on, and ".." of the root to where the directory lies. So no
 * walk along a path has to know of it. */
#ifndef KERNEL_FILE_FILE_SYSTEM_H
#define KERNEL_FILE_FILE_SYSTEM_H

#include "kernel/file/inode.h"
#include "lib/errno.h"

/* mount(2)'s flags that are kept with a tree, as Linux numbers them; statfs tells the same bits. */
#define MS_RDONLY  1u /* nothing in it changes: -EROFS */
#define MS_NOSUID  2u /* told; nobody becomes another user here */
#define MS_NODEV   4u /* its devices are not opened */
#define MS_NOEXEC  8u /* nothing in it is run, nor mapped to be */
#define MS_NOATIME 1024u
#define TREE_FLAGS (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME)

#define FILE_SYSTEMS_MOST 64u /* that may hang somewhere at a time */

struct file_system {
    const char *type;            /* as mount(2) names it */
    uint32_t magic;              /* as statfs does */
    uint32_t number;             /* st_dev, and the mount's id */
    uint32_t flags;              /* TREE_FLAGS */
    uint64_t inodes, references; /* to them, all together */
    uint64_t names;              /* entries of its directories */
    uint64_t writers;            /* that its files have: kernel/file/writers.c */
    struct store store;
    struct inode *root;    /* NULL: it hangs nowhere */
    struct inode *covered; /* a reference; NULL: the root of all */
    bool lasting;          /* since the start, and for ever */
    char source[NAME_LENGTH_MAX + 1];
    struct file_system *next;
};

extern struct file_system file_system_memory, file_system_proc, file_system_groups,
    file_system_pipe;
/* Those that hang somewhere, in the order they were hung there: the root of all first. */
extern struct file_system *const file_systems;
/* How often one was hung somewhere, or taken down; then poll_wake. */
extern uint64_t file_systems_changes;

/* An empty tree in memory that hangs nowhere yet. NULL: memory. */
struct file_system *file_system_create(void);
/* It never hung anywhere: it and its root go. */
void file_system_forget(struct file_system *tree);
/* Hang the tree, whose root has one reference, in the place of the directory, which has a name in
 * a tree in memory. */
void file_system_hang(struct file_system *tree, struct inode *covered);
/* May a tree hang there? 0; -ENOTDIR, -ENOENT (it has been removed), -EBUSY (the root of all; it
 * lies in a tree that is not in memory), -ENOSPC (there are too many). */
int file_system_check_place(const struct inode *covered);
/* Take the tree of that root down; the caller's reference to it is used up. All that it has goes.
 * -EBUSY: somebody uses a file of it, or has it open, mapped, or for a current directory. */
int file_system_take_down(struct inode *root) SLEEPS;
/* Other flags from now on. -EBUSY: it is to be read only, and somebody may write to it. */
int file_system_change(struct file_system *tree, uint32_t flags);

/* 0, or -EROFS: nothing of the inode, or in that directory, may be changed. */
static inline int inode_may_change(const struct inode *inode)
{
    return inode->file_system->flags & MS_RDONLY ? -EROFS : 0;
}

/* May it be run, or be a program's interpreter? */
static inline bool inode_is_program(const struct inode *inode)
{
    return inode_type(inode) == S_IFREG && (inode->mode & 0111u) &&
           !(inode->file_system->flags & MS_NOEXEC);
}

static inline bool inode_is_in_memory(const struct inode *inode)
{
    return inode->file_system->type == file_system_memory.type;
}

#endif
