/* play - a short script of forks and writes, or a reference string, on live memory.
 *
 *   play 'map 3 A; write A; fork; child: write A2; write A1'
 *   play 'frames 3; policy lru; 1 2 3 4 1 2 5'
 *   play < FILE
 *
 * Each statement is done by a real process in real memory, and noted in the trace before it is:
 * `tools/trace view --play` draws it. What cannot be played is refused before anything is done.
 * Statements end in ; or with the line, # begins a comment. A process is named before what it
 * does (parent: child: child2: …), else it is the parent. */
#include "user/lib/refuse.h"
#include "user/lib/trace_note.h"
#include "user/play/play.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char forms[] =
    "statements, which end in ; or with the line:\n"
    "  map N A            N pages of private memory, called A0, A1, …\n"
    "  share N A          the same, seen by all who are forked later\n"
    "  write A0 A2-4 B    use these pages, or all of an area; read likewise\n"
    "  fork               a child begins: child, then child2 to child5\n"
    "  wait               who says so waits until its children have ended\n"
    "  exit               who says so ends\n"
    "  child: write A0    it is the child who does so; else it is the parent\n"
    "or, without any of these:\n"
    "  frames 3           for the strings that follow (3); policy lru\n"
    "  1 2 3 4 1 2 5      a reference string: pages are written, 4r is read\n";

/* The words of the command line, or all of the standard input. */
static char *text_take(int count, char *words[])
{
    static char text[SCRIPT_MOST + 2];
    size_t length = 0;

    for (int i = 0; i < count && length <= SCRIPT_MOST; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s",
                                   i ? " " : "", words[i]);
    for (ssize_t got = 1; count == 0 && length <= SCRIPT_MOST && got > 0;) {
        got = read(STDIN_FILENO, text + length, SCRIPT_MOST + 1 - length);
        if (got < 0)
            refuse("the standard input cannot be read");
        length += (size_t)got;
    }
    if (length > SCRIPT_MOST)
        refuse("a script has at most %d bytes", SCRIPT_MOST);
    if (strlen(text) != length)
        refuse("there is a NUL in it: that is no text");
    return text;
}

int main(int argc, char *argv[])
{
    static struct script script;

    refuse_usage = forms;
    script_read(&script, text_take(argc - 1, argv + 1));
    if (script.steps[0].what != STRING)
        processes_run(&script);
    else
        for (int i = 0; i < script.step_count; i++)
            string_run(&script, &script.steps[i]);
    trace_note("the script ends");
    return 0;
}
