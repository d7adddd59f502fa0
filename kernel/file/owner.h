/* kernel/file/owner.h - whom a file tells by a signal that it can be read, or written.
 *
 * Who does not want to wait, nor to ask again and again, has itself told (signal-driven I/O,
 * fcntl(2)). A file may have an owner: a thread, a process, or a group of them. With O_ASYNC it
 * listens where its bytes come from, at a pipe or a terminal, and whoever brings something
 * there has a signal sent to the owners of those that listen. */
#ifndef KERNEL_FILE_OWNER_H
#define KERNEL_FILE_OWNER_H

#include "kernel/file/file.h"

/* A file in the list of what it listens at. */
struct listener {
    struct listener *next, **link; /* link NULL: in none */
    const struct file_owner *owner;
    bool room; /* it wants to hear of room, and not of bytes */
};

enum owner_kind { F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP };

/* -EINVAL: no such kind; -ESRCH: nobody has that id. Id 0: no owner. -ENOMEM. */
int owner_set(struct file *file, int kind, int id);
/* Of one that is there still; 0: none. */
int owner_get(const struct file *file, int *kind);
/* The signal, which then tells which file it is and what it has; 0: SIGIO, which does not.
 * -EINVAL, -ENOMEM. */
int owner_set_signal(struct file *file, int signal);
int owner_signal(const struct file *file);
/* O_ASYNC, asked for by descriptor `fd`. -ENOTTY: such a file tells nobody. -ENOMEM. */
int owner_listen(struct file *file, int fd, bool on);
/* The file is closed. */
void owner_forget(struct file *file);

/* Bytes, or room, have come to what those of `list` listen at. Who has no owner is of `group`, if
 * that is not 0. */
void owner_tell(const struct listener *list, bool bytes, bool room, int group);

#endif
