/* turns.h - calls whose work grows with what a program can make, and who waits for them. */
#ifndef TURNS_H
#define TURNS_H

#include <stddef.h>

#define PAGE 4096ul

/* So many pages, and so many small things, are "much". */
extern size_t much, many;

/* One long call: what is made for it beforehand, the call, and what goes afterwards. Only the
 * call is measured, unless `all` says that the preparation is a long call as well. */
struct turn {
    const char *name;
    void (*prepare)(void);
    void (*call)(void);
    void (*clean)(void);
};

/* Tables, each ended by an entry without a name. */
extern const struct turn turns_of_memory[], turns_of_regions[], turns_of_files[],
    turns_of_reports[], turns_of_groups[], turns_of_threads[], turns_of_locks[];

/* Writable private memory of so many pages, each of them touched; the program's only one. */
extern char *block;
void block_make(void);
void block_promise(void);
void block_touch(void);
void block_end(void);

/* Give up, naming what failed. */
_Noreturn void fail(const char *what);
/* Claim that a call went well. */
void must(int held, const char *what);
/* A child that ends at once, waited for: what it holds of the caller's is copied, and goes. */
void child_pass(void);
/* Read /proc/self/smaps and its sum; all that says a line about the process. */
void smaps_read(void);
void lines_read(void);
/* Read a file from its beginning to its end; write a word into one. */
void file_read(const char *path);
void file_tell(const char *path, const char *text);

#endif
