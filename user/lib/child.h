/* child.h - run a step of a test or a demonstration in a child, and hear how it ended. */
#ifndef USER_LIB_CHILD_H
#define USER_LIB_CHILD_H

#include <sys/types.h>

/* Fork; the child runs step(argument) and exits with its value. The wait status. */
int child_run(int (*step)(void *argument), void *argument);

/* The same without waiting: the child's pid. */
pid_t child_start(int (*step)(void *argument), void *argument);

/* Wait for one child: its wait status. */
int child_wait(pid_t child);

/* A page that parent and children see alike (MAP_SHARED, anonymous), zero at first. */
void *shared_page(void);

/* Two pipes with which parent and child take turns, each saying one byte. */
struct turns {
    int to_child[2], to_parent[2];
};

void turns_open(struct turns *turns);
/* Say one byte to the other side / wait for one from it (0 when the other side is gone). */
void turn_to_child(struct turns *turns, char say);
void turn_to_parent(struct turns *turns, char say);
char turn_of_child(struct turns *turns);
char turn_of_parent(struct turns *turns);
void turns_close(struct turns *turns);

#endif
