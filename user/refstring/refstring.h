/* refstring.h - the parts of refstring, for each other. */
#ifndef USER_REFSTRING_H
#define USER_REFSTRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    REFERENCES_MOST = 1 << 24, /* as the simulator's */
    SHOWN = 40,                /* letters of a wrong word */
};

/* A string of references. Pages are called what they like; inside they are numbered in the
 * order in which they first occur, and lie in that order in the mapping that is touched. */
struct string {
    uint32_t *reference; /* page << 1 | is a write */
    size_t count, room;
    size_t warm; /* so many at the beginning are not counted */
    uint64_t *name;
    uint32_t pages, pages_room;
    int32_t *table; /* name -> page, by hashing; -1: nothing there */
    uint32_t table_size;
};

void string_clear(struct string *string);
/* Ends the program when the string gets too long. */
void string_add(struct string *string, uint64_t name, bool write);
/* A word: a page, with r or w behind it or not (then it is written). False: not one. */
bool string_add_word(struct string *string, const char *word);
/* The words of a text; # begins a comment; r and w may stand alone behind their page. The
 * text is changed. False: *word is not a reference. */
bool string_add_text(struct string *string, char *text, const char **word);
/* `pages` pages in the order of the workload `kind`, meant for `frames` frames, with
 * pages * factor references; `warm`: first each once. False: there is no such workload, or
 * not of so few pages. */
bool string_generate(struct string *string, const char *kind, uint32_t pages,
                     uint32_t frames, uint32_t factor, bool warm);
extern const char *const workload_names[];

/* How it is run. */
struct settings {
    const char *policy; /* NULL: the kernel's own choice */
    unsigned long frames;
    bool exact;
    long period; /* faults between ticks; -1: an eighth of the frames */
    bool count_only;
};

/* What came of it. */
struct outcome {
    long faults, writes, ticks; /* after the warm-up */
    size_t victims;
    uint32_t *victim; /* pages; room for one each reference and some */
    size_t room;
    bool *faulted; /* for each reference; NULL: not wanted (it takes a call for each) */
    uint32_t *victims_before; /* with it: how many victims there were before that fault */
};

/* Run it in a group of its own. Ends the program where something is refused. */
void string_run(const struct string *string, const struct settings *settings,
                struct outcome *outcome);

/* The textbook's grid: references across, frames down. */
void grid_print(const struct string *string, const struct settings *settings,
                const struct outcome *outcome);

/* As realloc; where there is no memory the program ends. */
void *memory(void *old, size_t size);

#endif
