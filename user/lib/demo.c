/* demo.c - see demo.h. */
#include "user/lib/demo.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int broken;

static void line_say(const char *before, const char *format, va_list words)
{
    fputs(before, stdout);
    vprintf(format, words);
    putchar('\n');
    fflush(stdout);
}

void title(const char *words)
{
    printf("\n%s\n", words);
    for (size_t i = 0; i < strlen(words); i++)
        putchar('-');
    putchar('\n');
    fflush(stdout);
}

void say(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    line_say("", format, words);
    va_end(words);
}

bool claim(bool held, const char *format, ...)
{
    va_list words;

    broken += !held;
    va_start(words, format);
    line_say(held ? "  * " : "  NOT SO: ", format, words);
    va_end(words);
    return held;
}

void cannot_tell(const char *what)
{
    printf("  (this kernel does not tell %s)\n", what);
    fflush(stdout);
}

int demo_end(void)
{
    if (broken)
        printf("\n%d of the sentences above did not hold.\n", broken);
    fflush(stdout);
    return broken ? 1 : 0;
}
