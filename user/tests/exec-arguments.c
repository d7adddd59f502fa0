/* exec-arguments.c - how much one program may give another: a string, and all of them.
 *
 * One string may be 128 KiB long with its zero; all together, with the vectors, a quarter of
 * the stack's limit, but 128 KiB at least and 6 MiB at most. What is too much is E2BIG, and
 * the old program goes on; to the byte. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RAN = 30, STRING_MAX = 131072, LEAST = 128 << 10, MOST = 6 << 20 };

static char *strings[200], *environment[200];

static int become(void *self)
{
    execve(self, strings, environment);
    return errno;
}

static int run(void)
{
    return WEXITSTATUS(child_run(become, "/proc/self/exe"));
}

static char *string_of(size_t length)
{
    char *string = malloc(length + 1);

    if (!string)
        bail("malloc");
    memset(string, 'a', length);
    string[length] = 0;
    return string;
}

/* Whatever lies before it, so that it begins anywhere in a page of the kernel's. */
static void test_one_string(void)
{
    static const size_t before[] = {1, 77, 4000, 4095, 4096, 5000};

    for (unsigned i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        strings[0] = "ran";
        strings[1] = string_of(before[i]);
        strings[2] = string_of(STRING_MAX - 1);
        strings[3] = NULL;
        check_equal(run(), RAN, "131071 bytes and a zero, behind %zu", before[i]);
        free(strings[2]);
        strings[2] = string_of(STRING_MAX);
        check_equal(run(), E2BIG, "131072 and a zero: E2BIG, behind %zu", before[i]);
        environment[0] = strings[2];
        strings[2] = NULL;
        check_equal(run(), E2BIG, "in the environment as well");
        free(environment[0]);
        free(strings[1]);
        environment[0] = NULL;
    }
}

/* The most bytes of strings, 64 of them, that a stack limit lets through. */
static size_t most(rlim_t limit)
{
    struct rlimit old, now;
    size_t low = 0, high = limit + 262144;

    getrlimit(RLIMIT_STACK, &old);
    now = old;
    now.rlim_cur = limit;
    setrlimit(RLIMIT_STACK, &now);
    while (high - low > 64) {
        size_t middle = (low + high) / 2 / 64 * 64;

        strings[0] = "ran";
        char *string = string_of(middle / 64 - 1);
        for (int i = 1; i <= 64; i++)
            strings[i] = string;
        strings[65] = NULL;
        int ended = run();
        free(string);
        if (ended != RAN && ended != E2BIG)
            return 0;
        *(ended == RAN ? &low : &high) = middle;
    }
    setrlimit(RLIMIT_STACK, &old);
    return low;
}

static void test_all(void)
{
    static const rlim_t limits[] = {256 << 10, 1 << 20, 2 << 20, 8 << 20, 64 << 20};

    for (unsigned i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        long share = limits[i] / 4;

        share = share < LEAST ? LEAST : share > MOST ? MOST : share;

        check_near(most(limits[i]), share, 2048,
                   "a stack of %lu KiB gives room for %ld KiB",
                   (unsigned long)limits[i] >> 10, share >> 10);
    }
}

int main(int argc, char *argv[])
{
    if (argc > 0 && strcmp(argv[0], "ran") == 0)
        return RAN;
    test_one_string();
    test_all();
    return tap_end();
}
