/* arena.h - a few pages of one's own in a group of so many frames, and nothing else there.
 *
 * The program wires all that it is made of, so that this is charged to nobody, makes a group
 * with a limit, and maps a region: every fault of the group is then one on that region, and
 * can be predicted with pencil and paper. Whatever is refused ends the program. */
#ifndef USER_LIB_ARENA_H
#define USER_LIB_ARENA_H

#include <stddef.h>

/* Make the group `name` of `frames` frames under a policy (NULL: the kernel's), map a region
 * of `pages` pages, and join. */
char *arena_open(const char *name, unsigned long frames, const char *policy, size_t pages);
/* Leave the group, give up the region, end the group. */
void arena_close(void);

/* Faults of the group so far: pages that came in. */
long arena_faults(void);
/* A number from one of the group's files, as group_number. */
long arena_number(const char *file, const char *key);
/* Write to one of the group's files. */
void arena_tell(const char *file, const char *text);

#endif
