/* bomb.h - programs that take all they can get of one thing. */
#ifndef BOMB_H
#define BOMB_H

#define PAGE 4096ul

struct bomb {
    const char *name;
    void (*run)(void); /* may return, end, or go on for ever */
};

/* Tables, each ended by an entry without a name. */
extern const struct bomb bombs_of_processes[], bombs_of_memory[], bombs_of_files[],
    bombs_of_objects[], bombs_of_timers[], bombs_of_what_stays[];

/* Where bombs leave their files. */
#define BOMB_DIRECTORY "/tmp/bomb"

/* The groups that a bomb has left. */
void bomb_groups_remove(void);
/* Segments without end: each attached, written, and detached again. */
void bomb_segments(void);
/* A new process, as often as it takes; 0 in the child, -1 when it is refused. */
int bomb_fork(void);
/* Become this program anew, with a large argument besides: `--bomb KIND` is that bomb again,
 * `--wait KIND` does nothing. */
_Noreturn void bomb_exec(const char *role, const char *argument);
/* Do nothing until somebody ends this process. */
_Noreturn void bomb_wait(void);

#endif
