/* refuse.c - see refuse.h. */
#define _GNU_SOURCE
#include "user/lib/refuse.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *refuse_usage = "";

_Noreturn void refuse(const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n%s", refuse_usage);
    exit(EXIT_USAGE);
}
