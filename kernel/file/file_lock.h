/* kernel/file/file_lock.h - advisory locks on files. */
#ifndef KERNEL_FILE_FILE_LOCK_H
#define KERNEL_FILE_FILE_LOCK_H

#include "kernel/file/inode.h"

enum file_lock_kind { FILE_LOCK_SHARED, FILE_LOCK_EXCLUSIVE, FILE_LOCK_NONE };

/* Record locks (fcntl) belong to a process, that is to its table of files, and go when it
 * closes the file by any descriptor. Locks on the whole (flock) belong to an open file, and
 * go with it. The two do not see each other. */
struct file_lock {
    struct file_lock *next;
    const void *owner; /* struct files, or struct file */
    bool whole;        /* flock's */
    enum file_lock_kind kind;
    uint64_t start, end; /* bytes [start, end) */
    int pid;             /* who set it, for F_GETLK */
};

/* The lowest lock that stands in the way of `wanted`, or NULL. */
const struct file_lock *file_lock_conflict(const struct inode *inode,
                                           const struct file_lock *wanted);
/* Set it, in place of what the owner has there; FILE_LOCK_NONE takes that away. May sleep if
 * `waits`. 0, -EAGAIN, -EINTR, -ENOLCK (memory), -EDEADLK (a record lock, for which it would wait
 * for ever: those in the way wait for the owner, in a circle of twelve at most). */
int file_lock_set(struct inode *inode, const struct file_lock *wanted, bool waits) SLEEPS;
/* The owner has closed the file. */
void file_lock_forget(struct inode *inode, const void *owner);

#endif
