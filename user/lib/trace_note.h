/* trace_note.h - a program says what it is about to do, and who looks at its trace reads it.
 *
 *     trace_note("the child writes C");
 *
 * The text stands in the trace between what was before and what comes of it (docs/trace.md), and
 * the page shows it as a caption. Where nobody traces, and on another kernel, nothing happens. */
#ifndef USER_LIB_TRACE_NOTE_H
#define USER_LIB_TRACE_NOTE_H

enum { TRACE_NOTE_MOST = 240 }; /* bytes that a note can have: the kernel's bound */

/* As printf. A longer text is cut behind its last word that fits, and ends in "…"; an empty one is
 * none. Always 0; errno stays what it was. */
int trace_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
