/* kernel/process/script.c - programs that are text (`#!`).
 *
 * A file that begins with "#! interpreter [argument]" runs as the interpreter does when it is
 * given the argument and the file's path. The argument is one: the rest of the line, blanks
 * and all, but for those at its ends. */
#include "kernel/process/script.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "lib/text.h"

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

/* The first line of `length` bytes of text, without the blanks at its end. False: there is
 * more of it than fits. */
static bool line_take(char line[SCRIPT_LINE], const uint8_t *text, size_t length)
{
    if (length > SCRIPT_LINE - 1)
        length = SCRIPT_LINE - 1;
    memcpy(line, text, length);
    line[length] = 0;
    char *end = strchr(line, '\n');
    if (!end && length == SCRIPT_LINE - 1)
        return false;
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
    char *word_end = script->interpreter;
    while (*word_end && !is_blank(*word_end))
        word_end++;
    script->argument = *word_end ? blanks_skip(word_end) : NULL;
    *word_end = 0;
    return script->interpreter[0] ? 0 : -ENOEXEC;
}
