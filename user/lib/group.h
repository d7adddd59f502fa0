/* group.h - groups of frames, through their files in /sys/fs/cgroup. */
#ifndef USER_LIB_GROUP_H
#define USER_LIB_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#define GROUP_ROOT "" /* the name of the group of all */

/* False: refused; errno says why. */
bool group_make(const char *name);
bool group_remove(const char *name);
/* Write a text, or a number, to one of the group's files. */
bool group_tell(const char *name, const char *file, const char *text);
bool group_tell_number(const char *name, const char *file, unsigned long number);
/* The number in a file; with `key`, the one after "key " on a line of it. -1: none. */
long group_number(const char *name, const char *file, const char *key);
/* This process's faults are the group's from now on. */
bool group_join(const char *name);

/* At most so many frames. */
bool group_limit(const char *name, unsigned long frames);

/* Take out what memory.victims has to tell, oldest first: how many there were. As long as
 * `count` has room for 8 more than there are, it is all. -1: some have been lost, or it
 * cannot be read. */
long group_victims(const char *name, unsigned long *addresses, size_t count);

/* Lock all of this program in memory, some stack for what it will call too: what is mapped
 * from now on is all that it can fault on. */
bool program_wire(void);

#endif
