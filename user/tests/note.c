/* note.c - what a program says into its trace: accepted whether anybody traces or not.
 *
 * Traced, the texts are in the trace, and tests/test_notes.py looks for them there. */
#define _GNU_SOURCE
#include "user/lib/tap.h"
#include "user/lib/trace_note.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BEFORE "note "

enum { BEGIN = sizeof(BEFORE) - 1, LONG = 300 };

/* What writing to /proc/trace a note of so many bytes returns; -errno. */
static long note_of(int file, size_t bytes, const char *end)
{
    char line[LONG + BEGIN + 2] = BEFORE;

    memset(line + BEGIN, 'x', bytes);
    strcpy(line + BEGIN + bytes, end);
    long written = write(file, line, BEGIN + bytes + strlen(end));
    return written < 0 ? -errno : written;
}

static void bounds(void)
{
    int file = open("/proc/trace", O_WRONLY);

    if (file < 0) {
        check_skip("there is no /proc/trace", "a note has 1 to %d bytes", TRACE_NOTE_MOST);
        return;
    }
    check_equal(note_of(file, 1, ""), BEGIN + 1, "a note of one byte is taken");
    check_equal(note_of(file, TRACE_NOTE_MOST, ""), BEGIN + TRACE_NOTE_MOST,
                "one of %d bytes is", TRACE_NOTE_MOST);
    check_equal(note_of(file, TRACE_NOTE_MOST, "\n"), BEGIN + TRACE_NOTE_MOST + 1,
                "with a line's end it is, too");
    check_equal(note_of(file, 0, ""), -EINVAL, "an empty one is refused");
    check_equal(note_of(file, 0, "\n"), -EINVAL, "so is an empty line");
    check_equal(note_of(file, TRACE_NOTE_MOST + 1, ""), -EINVAL, "and one byte too many");
    check_equal(note_of(file, LONG, "\n"), -EINVAL, "and many");
    check(write(file, "nothing", 7) == -1 && errno == EINVAL, "and any other word");
    check(syscall(SYS_write, file, 8, 20) == -1 && errno == EFAULT,
          "what is not there cannot be said");
    close(file);
}

static void words(void)
{
    char text[LONG + 1] = "";

    errno = ENOTTY;
    check_equal(trace_note("%s writes %c", "the child", 'C'), 0, "trace_note returns 0");
    check_equal(errno, ENOTTY, "errno stays what it was");
    check_equal(trace_note("%s", ""), 0, "so it does of nothing");
    for (int i = 0; i < LONG / 10; i++)
        strcat(text, "and again ");
    check_equal(trace_note("%s", text), 0, "of a text that is too long");
    memset(text, 'y', LONG);
    check_equal(trace_note("%s", text), 0, "of a word that is");
    for (int i = 0; i < LONG; i += 2)
        memcpy(text + i, "é", 2);
    check_equal(trace_note("%s", text), 0, "and of letters of two bytes");
}

int main(void)
{
    bounds();
    words();
    return tap_end();
}
