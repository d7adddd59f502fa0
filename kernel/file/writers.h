/* kernel/file/writers.h - a file is written, or a program runs from it, and never both. */
#ifndef KERNEL_FILE_WRITERS_H
#define KERNEL_FILE_WRITERS_H

#include "kernel/file/inode.h"

/* Somebody begins to write, or to cut, a regular file. -ETXTBSY: a program runs from it;
 * -EROFS. */
int writers_enter(struct inode *inode);
void writers_leave(struct inode *inode);

/* Keep writers out, for a program is to run from the file. -ETXTBSY: there are some. */
int writers_exclude(struct inode *inode);
void writers_admit(struct inode *inode);

/* A process runs the program, for which writers are kept out already: with a reference. */
void program_hold(struct inode *inode);
void program_release(struct inode *inode);

/* Is it mapped by who had opened it for writing? Looks at all regions, if it ever was. */
bool writers_mapped(struct inode *inode);

/* Could anybody write to the object through a mapping, now or after an mprotect? Looks at all
 * regions. */
bool writers_by_mapping(const struct object *object);

#endif
