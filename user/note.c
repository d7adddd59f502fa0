/* note.c - say into the trace what comes next, from the shell.
 *
 *   note the child writes C
 *
 * The words are one note, with a blank between two of them. Nothing is printed, and nothing
 * happens where nobody traces. */
#include "user/lib/trace_note.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char *argv[])
{
    char text[TRACE_NOTE_MOST + 1] = "";
    size_t length = 0;

    if (argc < 2) {
        fputs("usage: note TEXT...\n", stderr);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        size_t word = strlen(argv[i]);
        if (i > 1)
            word++;
        if (length + word > TRACE_NOTE_MOST) {
            fprintf(stderr, "note: a note has at most %d bytes, and this one has more\n",
                    TRACE_NOTE_MOST);
            return 2;
        }
        length += (size_t)sprintf(text + length, "%s%s", i > 1 ? " " : "", argv[i]);
    }
    return trace_note("%s", text);
}
