/* refuse.h - a reader of the kernel's, fed with many damaged inputs one after the other.
 *
 * The reader refuses by refuse, which never returns in the kernel; here it comes back to
 * whoever called refuse_catch. Included once, by the program's only file. */
#ifndef TESTS_HOST_REFUSE_H
#define TESTS_HOST_REFUSE_H

#include "arch/types.h"
#include "kernel/report/log.h"
#include "lib/panic.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf refuse_place;
static char refuse_why[512];

/* if (refuse_catch()) reader(…);  after which refuse_tell() says how it went. */
#define refuse_catch() (refuse_why[0] = 0, setjmp(refuse_place) == 0)

static inline void refuse_tell(void)
{
    puts(refuse_why[0] ? refuse_why : "taken");
}

void refuse(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(refuse_why, sizeof(refuse_why), format, arguments);
    va_end(arguments);
    longjmp(refuse_place, 1);
}

void log_line(const char *format, ...)
{
    (void)format;
}

void panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("PANIC: ", stderr);
    vfprintf(stderr, format, arguments);
    abort();
}

/* Every input of the pack that the first argument names. 0: all were read; 2: no such pack. */
static int refuse_all(int argc, char **argv, void (*read_one)(const uint8_t *, size_t))
{
    FILE *pack = argc == 2 ? fopen(argv[1], "rb") : NULL;
    uint32_t length;
    if (!pack)
        return 2;
    while (fread(&length, sizeof(length), 1, pack) == 1) {
        uint8_t *bytes = malloc(length);
        if (fread(bytes, 1, length, pack) != length)
            abort();
        read_one(bytes, length);
        free(bytes);
    }
    fclose(pack);
    return 0;
}

#endif
