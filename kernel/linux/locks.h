/* kernel/linux/locks.h - record locks, for fcntl. */
#ifndef KERNEL_LINUX_LOCKS_H
#define KERNEL_LINUX_LOCKS_H

#include "kernel/file/file.h"

enum file_lock_command { F_GETLK = 5, F_SETLK, F_SETLKW };

/* `user`: a struct flock of the user's. May sleep; the caller holds the file, which has the
 * number fd. */
long file_lock_call(struct file *file, int fd, enum file_lock_command command,
                    uint64_t user) SLEEPS;

#endif
