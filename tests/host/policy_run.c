/* tests/host/policy_run.c - the kernel's own policies, on this machine, without the kernel.
 *
 * Over policy_stand.c. Cases come on the standard input, one a line:
 *
 *     POLICY FRAMES EXACT TICK REFERENCE…        EXACT: 0, 1.  TICK: faults a tick, 0: none
 *
 * a reference being a page, written unless r follows (7r). For each case, one line: the
 * victims in order, faults, pages written. tests/test_policysim.py compares them with the
 * simulator's. Some words are no references: 7x ends the page, 7p pins it, 7u unpins it. */
#include "tests/host/policy_stand.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE (1 << 22)

static bool quiet;

void panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    abort();
}

void stand_broken(const char *rule, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: %s: ", stand_group->policy->name, rule);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    abort();
}

void stand_calls(const char *call, const void *function)
{
    (void)call, (void)function;
}

void stand_called(void)
{
}

void stand_asked(frame_t frame, const char *what, const void *place)
{
    (void)frame, (void)what, (void)place;
}

void stand_victim(uint32_t page)
{
    if (!quiet)
        printf(" %u", page);
}

static void begin(char *line, char **rest)
{
    const char *name = strtok_r(line, " ", rest);
    const struct policy *policy = policy_find(name);
    if (policy == NULL)
        panic("no policy %s", name);
    uint32_t limit = (uint32_t)strtoul(strtok_r(NULL, " ", rest), NULL, 10);
    bool exact = strtoul(strtok_r(NULL, " ", rest), NULL, 10) != 0;
    uint32_t tick = (uint32_t)strtoul(strtok_r(NULL, " ", rest), NULL, 10);
    stand_begin(policy, limit, 0, exact, tick);
}

int main(int argc, char **argv)
{
    quiet = argc > 1 && strcmp(argv[1], "--quiet") == 0;
    char *line = malloc(LINE), *rest;
    while (fgets(line, LINE, stdin) != NULL) {
        begin(line, &rest);
        for (char *word; (word = strtok_r(NULL, " \n", &rest)) != NULL;) {
            uint32_t id = (uint32_t)strtoul(word, &word, 10);
            if (id >= STAND_PAGES)
                panic("page %u: there are %d", id, STAND_PAGES);
            stand_obey(id, *word);
        }
        printf(" faults %lu writes %lu\n", (unsigned long)stand_group->faults,
               (unsigned long)stand_written);
        stand_end();
    }
    free(line);
    return 0;
}
