/* trace_note.c - see trace_note.h.  Allocates nothing. */
#define _GNU_SOURCE
#include "user/lib/trace_note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BEFORE "note "
#define CUT    "…"

enum { BEGIN = sizeof(BEFORE) - 1, CUT_BYTES = sizeof(CUT) - 1 };

/* Shorten a text of TRACE_NOTE_MOST bytes of which there are more: how long it is then. */
static size_t cut(char *text)
{
    size_t most = TRACE_NOTE_MOST - CUT_BYTES, length = most;

    while (length > 0 && text[length] != ' ')
        length--;
    if (length == 0) /* one long word: it ends where a character does */
        for (length = most; length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80;)
            length--;
    memcpy(text + length, CUT, CUT_BYTES);
    return length + CUT_BYTES;
}

static void note_write(int file, const char *format, va_list words)
{
    char line[BEGIN + TRACE_NOTE_MOST + 1] = BEFORE;
    int length = vsnprintf(line + BEGIN, TRACE_NOTE_MOST + 1, format, words);
    size_t kept = length > TRACE_NOTE_MOST ? cut(line + BEGIN) : (size_t)length;

    if (length > 0 && write(file, line, BEGIN + kept) < 0)
        return; /* a kernel that has no notes: so be it */
}

int trace_note(const char *format, ...)
{
    int before = errno, file = open("/proc/trace", O_WRONLY | O_CLOEXEC);
    va_list words;

    if (file >= 0) {
        va_start(words, format);
        note_write(file, format, words);
        va_end(words);
        close(file);
    }
    errno = before;
    return 0;
}
