/* kernel/process/script.c - programs that are text (`#!`).
 *
 * A file that begins with "#! interpreter [argument]" runs as the interpreter does when it is
 * given the argument and the file's path. The argument is one: the rest of the line, blanks
 * and all, but for those at its ends. */
#include "kernel/process/script.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "lib/text.h"

#define LINE_MOST (SCRIPT_LINE - 2) /* beside the "#!" */

bool script_is(const uint8_t *head, size_t length)
{
    return length >= 2 && head[0] == '#' && head[1] == '!';
}

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t';
}

static char *blanks_skip(char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

static char *word_end(char *text)
{
    while (*text && !is_blank(*text))
        text++;
    return text;
}

/* The first line of `length` bytes of text, without the blanks at its end; of a longer one as
 * much as fits, for the argument may be cut. False: the interpreter's path would be. */
static bool line_take(char line[SCRIPT_LINE], const uint8_t *text, size_t length)
{
    bool cut = length >= LINE_MOST;
    if (cut)
        length = LINE_MOST;
    memcpy(line, text, length);
    line[length] = 0;
    char *end = strchr(line, '\n');
    if (!end && cut) {
        if (word_end(blanks_skip(line)) == line + LINE_MOST)
            return false;
        line[LINE_MOST - 1] = 0;
    }
    if (!end)
        end = line + strlen(line);
    while (end > line && is_blank(end[-1]))
        end--;
    *end = 0;
    return true;
}

int script_parse(struct script *script, const uint8_t *head, size_t length)
{
    char line[SCRIPT_LINE];
    if (!line_take(line, head + 2, length - 2))
        return -ENOEXEC;
    text_copy(script->interpreter, blanks_skip(line), SCRIPT_LINE);
    char *end = word_end(script->interpreter);
    script->argument = *end ? blanks_skip(end) : NULL;
    *end = 0;
    return script->interpreter[0] ? 0 : -ENOEXEC;
}
