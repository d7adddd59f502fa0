/* book-shares.c - the textbook's example of proportional allocation: 62 frames, a process of
 * 10 pages and one of 127. 10/137 and 127/137 of 62 are 4 and 57.
 *
 *   book-shares                                 that
 *   book-shares SCHEME FRAMES PAGES[@NICE]…     other processes, eight at most
 *
 * Each process is wired but for so many pages that it maps afterwards, in a group of its
 * own. Prints size, minimum and share of each, and, when all have gone through their
 * pages several times, the most frames that they were ever seen to have, and their faults. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 8, SIZE_MOST = 1000, ROUNDS = 20 };

static struct process {
    char name[8];
    int size, nice;
} processes[MOST] = {{"small", 10, 0}, {"large", 127, 0}};
static int count = 2;
static const char *scheme = "proportional";
static int frames = 62;
static struct turns turns[MOST];
static volatile long *faults; /* shared: what the children took */

static int child(void *argument)
{
    int me = *(int *)argument;

    if (!program_wire())
        return 1;
    int size = processes[me].size;
    char *region = region_map((size_t)size);
    if (setpriority(PRIO_PROCESS, 0, processes[me].nice) != 0 ||
        !group_join(processes[me].name))
        return 2;
    turn_to_parent(&turns[me], 'r');
    turn_of_parent(&turns[me]);
    long before = faults_now();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < size; i++)
            region[i * PAGE]++;
        sched_yield();
    }
    faults[me] = faults_now() - before;
    turn_to_parent(&turns[me], 'd');
    turn_of_parent(&turns[me]);
    for (int i = 0; i < size; i++)
        if (region[i * PAGE] != ROUNDS)
            return 3;
    return 0;
}

static void claims_print(void)
{
    for (int i = 0; i < count; i++) {
        const char *name = processes[i].name;
        printf("%s: size %ld minimum %ld share %ld max %ld", name,
               group_number(name, "memory.claim", "size"),
               group_number(name, "memory.claim", "minimum"),
               group_number(name, "memory.claim", "share"),
               group_number(name, "memory.max", NULL) / PAGE);
        if (strcmp(scheme, "priority") == 0)
            printf(" weight %ld", group_number(name, "memory.claim", "weight"));
        printf("\n");
    }
    fflush(stdout);
}

/* SCHEME FRAMES PAGES[@NICE]… */
static bool take_words(int argc, char *argv[])
{
    count = argc - 3;
    if (count < 1 || count > MOST)
        return false;
    scheme = argv[1];
    frames = atoi(argv[2]);
    for (int i = 0; i < count; i++) {
        const char *at = strchr(argv[3 + i], '@');
        struct process *process = &processes[i];
        snprintf(process->name, sizeof(process->name), "p%d", i + 1);
        process->size = atoi(argv[3 + i]);
        process->nice = at ? atoi(at + 1) : 0;
        if (process->size < 1 || process->size > SIZE_MOST)
            return false;
    }
    return true;
}

static bool divide(void)
{
    char text[64];

    snprintf(text, sizeof(text), "%s %d", scheme, frames);
    return group_tell(GROUP_ROOT, "memory.allocation", text);
}

static bool all_done(void)
{
    for (int i = 0; i < count; i++)
        if (!faults[i])
            return false;
    return true;
}

/* Until all are done, the most frames that each was seen to have. */
static void watch(void)
{
    long most[MOST] = {0};

    while (!all_done()) {
        for (int i = 0; i < count; i++) {
            long now = group_number(processes[i].name, "memory.current", NULL) / PAGE;
            most[i] = now > most[i] ? now : most[i];
        }
        sched_yield();
    }
    for (int i = 0; i < count; i++)
        printf("%s: most %ld faults %ld\n", processes[i].name, most[i], faults[i]);
}

int main(int argc, char *argv[])
{
    pid_t pids[MOST];
    int bad = 0;

    if (argc > 1 && !take_words(argc, argv)) {
        fprintf(stderr, "usage: book-shares [SCHEME FRAMES PAGES[@NICE]...]\n");
        return 2;
    }
    faults = shared_page();
    for (int i = 0; i < count; i++) {
        turns_open(&turns[i]);
        if (!group_make(processes[i].name))
            return 1;
        pids[i] = child_start(child, &i);
        turn_of_child(&turns[i]);
    }
    if (!divide())
        return 1;
    claims_print();
    for (int i = 0; i < count; i++)
        turn_to_child(&turns[i], 'g');
    watch();
    for (int i = 0; i < count; i++) {
        turn_of_child(&turns[i]);
        turn_to_child(&turns[i], 'e');
        bad |= child_wait(pids[i]);
    }
    group_tell(GROUP_ROOT, "memory.allocation", "global");
    for (int i = 0; i < count; i++)
        printf("%s: max %ld, removed %d\n", processes[i].name,
               group_number(processes[i].name, "memory.max", NULL),
               group_remove(processes[i].name));
    printf("status %d\n", bad);
    return bad != 0;
}
