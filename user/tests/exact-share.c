/* exact-share.c - two processes in one group in exact mode, taking turns: each one's string
 * is its own, whole and in order, wherever the other came between; and after fork both see
 * the same pages until one writes. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/exact.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 16, STEPS = 1500 };

static char *region;

static int page_of(int step, int stride)
{
    return step * stride % PAGES;
}

/* STEPS references, every third written. */
static void walk(int stride)
{
    for (int step = 0; step < STEPS; step++) {
        volatile char *byte = region + page_of(step, stride) * PAGE;

        if (step % 3)
            (void)*byte;
        else
            *byte = 1;
    }
}

static void claim_walk(unsigned space, int stride, const char *whose)
{
    static char expected[1 << 14];
    size_t used = 0;

    for (int step = 0; step < STEPS; step++)
        used += snprintf(expected + used, sizeof(expected) - used, "%s%c%d",
                         step ? " " : "", step % 3 ? 'r' : 'w', page_of(step, stride));
    const char *got = exact_string_of(space);
    if (!check(strcmp(got, expected) == 0, "all of %s string, in order", whose))
        note("%zu characters, %zu expected: %.60s", strlen(got), used, got);
}

static void test_turns(void)
{
    int ready[2], go[2], status;
    char byte = 0;
    unsigned spaces[2] = {0}, changes;

    if (pipe(ready) < 0 || pipe(go) < 0)
        bail("pipe");
    pid_t child = fork();
    if (child == 0) {
        program_wire();
        munlock(region, PAGES * PAGE);
        if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) != 1)
            _exit(1);
        walk(5);
        _exit(0);
    }
    if (read(ready[0], &byte, 1) != 1)
        bail("the child");
    exact_begin();
    if (write(go[1], &byte, 1) != 1)
        bail("pipe");
    walk(7);
    waitpid(child, &status, 0);
    exact_end();
    check_equal(status, 0, "a child walked too");
    check_equal(exact_spaces(spaces, &changes), 2, "two spaces are in the group's string");
    check(changes > 4, "they took turns (%u)", changes);
    /* The one that happened to run first stands first. */
    bool parent_first = strncmp(exact_string_of(spaces[0]), "w0 r7 ", 6) == 0;
    claim_walk(spaces[parent_first ? 0 : 1], 7, "the parent's");
    claim_walk(spaces[parent_first ? 1 : 0], 5, "the child's");
    check_equal(group_number(EXACT_GROUP, "memory.stat", "exact_references"), 2 * STEPS,
                "and nothing else");
}

static void test_fork(void)
{
    int status, wrong = 0;

    for (int i = 0; i < PAGES; i++)
        region[i * PAGE] = i;
    exact_begin();
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < PAGES; i++)
            wrong += region[i * PAGE]++ != i;
        for (int i = 0; i < PAGES; i++)
            wrong += region[i * PAGE] != i + 1;
        _exit(wrong);
    }
    for (int i = 0; i < PAGES; i++)
        wrong += region[i * PAGE] != i;
    waitpid(child, &status, 0);
    exact_tell("memory.exact", "0");
    check_equal(status, 0, "a child in exact mode has its own copies");
    check_equal(wrong, 0, "and its parent what it had");
}

static void test_moving(void)
{
    exact_begin();
    (void)*(volatile char *)region;
    group_join(GROUP_ROOT);
    (void)*(volatile char *)(region + PAGE);
    long before = faults_now();
    for (int i = 0; i < PAGES; i++)
        *(volatile char *)(region + i * PAGE) = 1;
    counted_equal(faults_now() - before, 0, "out of the group: no reference traps");
    group_join(EXACT_GROUP);
    (void)*(volatile char *)(region + 2 * PAGE);
    const char *string = exact_end();
    check(strcmp(string, "r0 r2") == 0, "only what was done in it is recorded: %s", string);
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("Faultline's own", "exact mode");
        return tap_end();
    }
    region = exact_open(PAGES);
    for (int i = 0; i < PAGES; i++)
        region[i * PAGE] = 1;
    test_turns();
    test_fork();
    test_moving();
    exact_close();
    return tap_end();
}
