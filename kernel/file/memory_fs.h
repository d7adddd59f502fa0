/* kernel/file/memory_fs.h - the tree of names, kept in memory.  See kernel/file/memory_fs.c. */
#ifndef KERNEL_FILE_MEMORY_FS_H
#define KERNEL_FILE_MEMORY_FS_H

#include "kernel/file/file.h"

/* An empty root directory of a tree. NULL: memory. */
struct inode *memory_root_create(struct file_system *tree);
/* The operations of its directories, with which the image's reader fills the tree. */
extern const struct inode_operations memory_directory_operations;
/* Give `inode` the name in the directory. */
int memory_attach(struct inode *directory, const char *name, struct inode *inode);
/* A regular file, without a name yet, whose contents are `object` (its reference is taken
 * over; NULL, for which there was no memory, is passed on). NULL: memory. */
struct inode *memory_file_create(uint32_t mode, struct object *object) SLEEPS;
/* The name, which is in the directory, leads to another inode from now on; the references stay as
 * many as they were. */
void memory_change(struct inode *directory, const char *name, struct inode *inode);
/* Is a file mapped that has a name in the tree with that root; by who opened it for writing? */
bool memory_is_mapped(const struct inode *root, bool by_writer);

/* Entries of all directories, and what long targets of links count as: bounded by
 * capacity.names. */
extern uint64_t memory_names;

#endif
