/* kernel/report/lines.h - lines of text that wait for their reader.
 *
 * A bounded buffer whose producers may not be made to wait, since they hold locks: so it has
 * more room than it should need. A producer that can wait does so while the lines are
 * *crowded*, that is, more than a page; one that cannot adds its lines all the same. What
 * comes when even the last page is full, or memory is out, is counted, and told in a line of
 * its own, "lost=N", as soon as there is room again. */
#ifndef KERNEL_REPORT_LINES_H
#define KERNEL_REPORT_LINES_H

#include "arch/types.h"

struct sheet;

struct lines {
    struct sheet *first, *last; /* never none: the first is there from the beginning */
    uint32_t sheets;
    uint64_t lost;
};

/* False: out of memory. */
bool lines_begin(struct lines *lines);
void lines_end(struct lines *lines);
/* A line of `length` bytes, its newline included, at most LINES_LINE_MAX. False: it is lost.
 * Never sleeps. */
#define LINES_LINE_MAX 1024
bool lines_add(struct lines *lines, const char *line, size_t length);
bool lines_are_none(const struct lines *lines);
bool lines_are_crowded(const struct lines *lines);
/* The first lines, whole ones, as many as lie together and fit in `length` bytes: how many
 * bytes, at *text. They stay until they are dropped, whatever is added meanwhile. */
size_t lines_first(const struct lines *lines, size_t length, const char **text);
void lines_drop(struct lines *lines, size_t length);

#endif
