/* kernel/file/memory_fs.h - the tree of names, kept in memory.  See kernel/file/memory_fs.c. */
#ifndef KERNEL_FILE_MEMORY_FS_H
#define KERNEL_FILE_MEMORY_FS_H

#include "kernel/file/file.h"

/* An empty root directory. NULL: memory. */
struct inode *memory_root_create(void);
/* The operations of its directories, with which the image's reader fills the tree. */
extern const struct inode_operations memory_directory_operations;
/* Give `inode` (of another file system: /proc) the name in the directory. */
int memory_attach(struct inode *directory, const char *name, struct inode *inode);
/* A regular file, without a name yet, whose contents are `object` (its reference is taken
 * over; NULL, for which there was no memory, is passed on). NULL: memory. */
struct inode *memory_file_create(uint32_t mode, struct object *object) SLEEPS;

/* Entries of all directories, and what long targets of links count as: bounded by
 * capacity.names. */
extern uint64_t memory_names;

#endif
