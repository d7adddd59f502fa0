/* tap.c - see tap.h. Every line is written whole and at once, so that a child forked after
 * it does not print it again. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include "user/lib/processor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static int claims, failures;

static void say(const char *before, const char *format, va_list words, const char *after)
{
    char claim[200];

    vsnprintf(claim, sizeof(claim), format, words);
    printf("%s%s%s\n", before, claim, after);
    fflush(stdout);
}

static bool claim_say(bool held, const char *format, va_list words)
{
    char before[32];

    claims++;
    failures += !held;
    snprintf(before, sizeof(before), "%s %d - ", held ? "ok" : "not ok", claims);
    say(before, format, words, "");
    return held;
}

bool check(bool held, const char *claim, ...)
{
    va_list words;

    va_start(words, claim);
    claim_say(held, claim, words);
    va_end(words);
    return held;
}

static bool near_say(long got, long expected, long slack, const char *format, va_list words)
{
    bool held = got >= expected - slack && got <= expected + slack;

    claim_say(held, format, words);
    if (!held && slack == 0)
        note("got %ld, expected %ld", got, expected);
    else if (!held)
        note("got %ld, expected %ld, give or take %ld", got, expected, slack);
    return held;
}

bool check_equal(long got, long expected, const char *claim, ...)
{
    va_list words;

    va_start(words, claim);
    bool held = near_say(got, expected, 0, claim, words);
    va_end(words);
    return held;
}

bool check_near(long got, long expected, long slack, const char *claim, ...)
{
    va_list words;

    va_start(words, claim);
    bool held = near_say(got, expected, slack, claim, words);
    va_end(words);
    return held;
}

static void skip_say(const char *why, const char *format, va_list words)
{
    char before[32], after[100];

    claims++;
    snprintf(before, sizeof(before), "ok %d - ", claims);
    snprintf(after, sizeof(after), " # SKIP %s", why);
    say(before, format, words, after);
}

static bool counted_say(long got, long expected, long slack, const char *format,
                        va_list words)
{
    if (!getenv("TAP_SCARCE"))
        return near_say(got, expected, slack, format, words);
    skip_say("frames are scarce here", format, words);
    return true;
}

bool counted_equal(long got, long expected, const char *claim, ...)
{
    va_list words;

    va_start(words, claim);
    bool held = counted_say(got, expected, 0, claim, words);
    va_end(words);
    return held;
}

bool counted_near(long got, long expected, long slack, const char *claim, ...)
{
    va_list words;

    va_start(words, claim);
    bool held = counted_say(got, expected, slack, claim, words);
    va_end(words);
    return held;
}

void check_skip(const char *why, const char *claim, ...)
{
    va_list words;

    va_start(words, claim);
    skip_say(why, claim, words);
    va_end(words);
}

void note(const char *format, ...)
{
    va_list words;

    va_start(words, format);
    say("# ", format, words, "");
    va_end(words);
}

void bail(const char *what)
{
    printf(errno ? "Bail out! %s: %s\n" : "Bail out! %s\n", what, strerror(errno));
    exit(2);
}

int tap_end(void)
{
    printf("1..%d\n", claims);
    if (failures)
        note("%d of %d failed", failures, claims);
    return failures ? 1 : 0;
}

void one_processor(void)
{
    if (!run_on(0))
        bail("sched_setaffinity");
}

bool on_faultline(void)
{
    struct utsname name;

    return uname(&name) == 0 &&
           (strstr(name.sysname, "Faultline") || strstr(name.release, "faultline") ||
            strstr(name.version, "Faultline"));
}
