/* count-fork.c - count-fork write|read|parent|last [INHERITED [TOUCHED]]: the faults of
 * copy-on-write, by who touches what after a fork of 1000 pages.
 *
 *   write   the child writes 100 of them: one fault each, a copy
 *   read    the child reads all: none, it inherited the ptes
 *   parent  the parent writes 100 while the child lives: one fault each, a copy
 *   last    the parent writes 100 when the child has gone: one each, but nothing is copied */
#include "user/lib/child.h"
#include "user/lib/counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile char *region;
static long inherited = 1000, touched = 100;
static struct turns turns;

static void pages_write(long pages)
{
    for (long i = 0; i < pages; i++)
        region[i * PAGE] = 2;
}

static void pages_read(long pages)
{
    for (long i = 0; i < pages; i++)
        (void)region[i * PAGE];
}

static long counted(void (*act)(long), long pages)
{
    long before = faults_now();

    act(pages);
    return faults_now() - before;
}

static int child_writes(void *unused)
{
    (void)unused;
    printf("faults %ld\n", counted(pages_write, touched));
    return 0;
}

static int child_reads(void *unused)
{
    (void)unused;
    printf("faults %ld\n", counted(pages_read, inherited));
    return 0;
}

static int child_waits(void *unused)
{
    (void)unused;
    turn_of_parent(&turns);
    return 0;
}

static int parent_writes(int child_lives)
{
    turns_open(&turns);
    pid_t child = child_start(child_waits, NULL);
    if (!child_lives) {
        turn_to_child(&turns, 'x');
        child_wait(child);
    }
    printf("faults %ld\n", counted(pages_write, touched));
    if (child_lives) {
        turn_to_child(&turns, 'x');
        child_wait(child);
    }
    return 0;
}

int main(int argc, char *argv[])
{
    const char *who = argc > 1 ? argv[1] : "write";

    if (argc > 2)
        inherited = atol(argv[2]);
    if (argc > 3)
        touched = atol(argv[3]);
    program_touch();
    region = region_map(inherited);
    pages_write(inherited);
    if (strcmp(who, "write") == 0)
        return child_run(child_writes, NULL);
    if (strcmp(who, "read") == 0)
        return child_run(child_reads, NULL);
    if (strcmp(who, "parent") == 0)
        return parent_writes(1);
    if (strcmp(who, "last") == 0)
        return parent_writes(0);
    fputs("usage: count-fork write|read|parent|last [INHERITED [TOUCHED]]\n", stderr);
    return 2;
}
