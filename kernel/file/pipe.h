/* kernel/file/pipe.h - pipes, with a name (FIFO) and without. */
#ifndef KERNEL_FILE_PIPE_H
#define KERNEL_FILE_PIPE_H

#include "kernel/file/file.h"

#define PIPE_CAPACITY 65536u
#define PIPE_ATOMIC   4096u /* PIPE_BUF: up to this, writes do not mix with others' */

extern const struct inode_operations pipe_operations;

/* Both ends of a new pipe, a reference each. `flags`: O_NONBLOCK, O_DIRECT (packets).
 * -ENOMEM. */
int pipe_create(uint32_t flags, struct file **reader, struct file **writer);

/* The pipe that `end` belongs to is shut: nothing more is written to it, and behind what is
 * in it is its end. Whoever waits at either end looks again. */
void pipe_shutdown(struct file *end);

/* Has whoever could read a pair's pipe closed it with bytes in it? They may be forgotten then. */
bool pipe_is_unread(const struct file *writer, bool forget);

/* Bytes that a pipe holds at most. Another size, rounded up: that, or -EINVAL, -EPERM (more
 * than PIPE_CAPACITY), -EBUSY (it holds more), -EINTR. Sleeps. */
long pipe_size(const struct file *file);
long pipe_resize(struct file *file, uint32_t size) SLEEPS;

#endif
