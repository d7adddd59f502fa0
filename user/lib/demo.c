/* demo.c - see demo.h. */
#define _GNU_SOURCE
#include "user/lib/demo.h"

#include "user/lib/processor.h"
#include "user/lib/trace_note.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>

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

bool claim_in_time(bool held, const char *format, ...)
{
    bool judged = held || time_is_counted();
    va_list words;

    broken += !held && judged;
    va_start(words, format);
    line_say(held ? "  * " : judged ? "  NOT SO: " : "  not in this run: ", format, words);
    va_end(words);
    if (!judged)
        say("    (its time is the host's; tools/boot without --realtime counts "
            "instructions)");
    return held;
}

void keep_to_one_processor(void)
{
    if (get_nprocs() == 1)
        return;
    say("(Of the %d processors here all of this keeps to one.)", get_nprocs());
    run_on(0);
}

void cannot_tell(const char *what)
{
    printf("  (this kernel does not tell %s)\n", what);
    fflush(stdout);
}

static long loop_ns(void)
{
    struct timespec begin, end;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (volatile int i = 0; i < 3000; i++)
        ;
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec;
}

bool time_is_counted(void)
{
    enum { TRIES = 40, INTERRUPTED = 4 };
    long took[TRIES], least = LONG_MAX;
    int same = 0;

    for (int i = 0; i < TRIES; i++) {
        took[i] = loop_ns();
        least = took[i] < least ? took[i] : least;
    }
    for (int i = 0; i < TRIES; i++)
        same += took[i] - least <= 16;
    return same >= TRIES - INTERRUPTED;
}

int demo_end(void)
{
    if (broken)
        printf("\n%d of the sentences above did not hold.\n", broken);
    trace_note("the demonstration ends");
    fflush(stdout);
    return broken ? 1 : 0;
}
