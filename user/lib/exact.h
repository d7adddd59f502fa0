/* exact.h - a program that looks at its own references, in exact mode.
 *
 * It wires all it has, which takes that out of the game, maps a few pages of its own, and
 * puts itself in a group in exact mode: what the group records then are references to those
 * pages and nothing else. They are told as text, page by page: "r0 w1" is page 0 read, then
 * page 1 written; x is a fetch. */
#ifndef USER_LIB_EXACT_H
#define USER_LIB_EXACT_H

#include <stdbool.h>
#include <stddef.h>

#define EXACT_GROUP "exact"

/* Wire ourselves, make the group, join it. The region of so many pages that comes back is
 * not wired. Ends the program when refused. */
char *exact_open(size_t pages);
/* Leave the group and remove it. */
void exact_close(void);
/* Write to one of its files; ends the program when refused. */
void exact_tell(const char *file, const char *text);

/* Record from here on. */
void exact_begin(void);
/* Stop. The string, in memory of our own, until the next time; of all spaces together. */
const char *exact_end(void);
/* The same as memory.references had it. */
const char *exact_lines(void);

/* More than one process: which spaces the last string is of, in order of appearance, at most
 * two, and how often it went from one to the other. How many there were. */
unsigned exact_spaces(unsigned spaces[2], unsigned *changes);
/* One space's part of the last string. */
const char *exact_string_of(unsigned space);

#endif
