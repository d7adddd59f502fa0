/* fault_line.h - one line of /proc/PID/faults, and the sentence it makes.
 *
 * The kernel writes a line of key=value words for each fault. Here they become a sentence in
 * the words of the textbook: who asked for what, what stood in the way, what was done. */
#ifndef USER_LIB_FAULT_LINE_H
#define USER_LIB_FAULT_LINE_H

#include <stdbool.h>
#include <stddef.h>

enum fault_kind {
    KIND_ZERO_FILL, /* a frame filled with zeroes */
    KIND_ZERO_PAGE, /* read before any write: the one shared page of zeroes */
    KIND_FILE,      /* a page of a file */
    KIND_PAGE_IN,   /* back from its swap slot */
    KIND_COPY,      /* a private copy made at a write */
    KIND_RESIDENT,  /* in memory already, not yet mapped here */
    KIND_REUSE,     /* the last holder writes: no copy needed */
    KIND_RESCUE,    /* back from the free list before its frame was reused */
    KIND_SPURIOUS,  /* the pte was right already */
    KIND_INVALID,   /* refused with a signal */
    KIND_UNKNOWN,
    KINDS,
};

struct fault_line {
    long n;           /* counts from 1 */
    long pid;         /* whose; -1: that of the one process that is watched */
    long address, ip; /* what was touched, and by which instruction */
    char access[12];  /* read, write, execute */
    enum fault_kind kind;
    bool major;        /* a device was read */
    long page, frame;  /* -1: none */
    long from;         /* for a copy: the frame copied from, else -1 */
    char region[48];   /* START-END */
    char rights[8];    /* of the region */
    char backing[160]; /* zero, stack, heap, shared, file:PATH+OFFSET */
    long cost;         /* instructions, or ns when time is real */
};

/* Read one line. False: it is not one. */
bool fault_line_read(const char *text, struct fault_line *line);

/* The sentence, with newlines where it would exceed 80 columns. `unit` is what cost counts. */
void fault_line_tell(const struct fault_line *line, const char *unit, char *sentence,
                     size_t size);

/* What lies at the address, in a few words. */
void fault_line_place(const struct fault_line *line, char *place, size_t size);

/* "zero-fill" and so on; and what such a fault does, in a few words. */
const char *fault_kind_name(enum fault_kind kind);
const char *fault_kind_meaning(enum fault_kind kind);

#endif
