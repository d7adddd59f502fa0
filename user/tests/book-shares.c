/* book-shares.c - the textbook's example of proportional allocation: 62 frames, a process of
 * 10 pages and one of 127. 10/137 and 127/137 of 62 are 4 and 57.
 *
 *   book-shares
 *
 * Two processes, each wired but for so many pages that it maps afterwards, in groups of
 * their own. Prints size, minimum and share of both, and, when both have gone through their
 * pages several times, the most frames that they were ever seen to have, and their faults. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 2, ROUNDS = 20 };

static const char *const names[PROCESSES] = {"small", "large"};
static const int sizes[PROCESSES] = {10, 127};
static struct turns turns[PROCESSES];
static volatile long *faults; /* shared: what the children took */

static int child(void *argument)
{
    int me = *(int *)argument;

    if (!program_wire())
        return 1;
    char *region = region_map((size_t)sizes[me]);
    if (!group_join(names[me]))
        return 2;
    turn_to_parent(&turns[me], 'r');
    turn_of_parent(&turns[me]);
    long before = faults_now();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < sizes[me]; i++)
            region[i * PAGE]++;
        sched_yield();
    }
    faults[me] = faults_now() - before;
    turn_to_parent(&turns[me], 'd');
    turn_of_parent(&turns[me]);
    for (int i = 0; i < sizes[me]; i++)
        if (region[i * PAGE] != ROUNDS)
            return 3;
    return 0;
}

static void claims_print(void)
{
    for (int i = 0; i < PROCESSES; i++)
        printf("%s: size %ld minimum %ld share %ld max %ld\n", names[i],
               group_number(names[i], "memory.claim", "size"),
               group_number(names[i], "memory.claim", "minimum"),
               group_number(names[i], "memory.claim", "share"),
               group_number(names[i], "memory.max", NULL) / PAGE);
    fflush(stdout);
}

int main(void)
{
    pid_t pids[PROCESSES];
    long most[PROCESSES] = {0};
    int bad = 0;

    faults = shared_page();
    for (int i = 0; i < PROCESSES; i++) {
        turns_open(&turns[i]);
        if (!group_make(names[i]))
            return 1;
        pids[i] = child_start(child, &i);
        turn_of_child(&turns[i]);
    }
    if (!group_tell(GROUP_ROOT, "memory.allocation", "proportional 62"))
        return 1;
    claims_print();
    for (int i = 0; i < PROCESSES; i++)
        turn_to_child(&turns[i], 'g');
    while (!faults[0] || !faults[1]) {
        for (int i = 0; i < PROCESSES; i++) {
            long now = group_number(names[i], "memory.current", NULL) / PAGE;
            most[i] = now > most[i] ? now : most[i];
        }
        sched_yield();
    }
    for (int i = 0; i < PROCESSES; i++)
        printf("%s: most %ld faults %ld\n", names[i], most[i], faults[i]);
    for (int i = 0; i < PROCESSES; i++) {
        turn_of_child(&turns[i]);
        turn_to_child(&turns[i], 'e');
        bad |= child_wait(pids[i]);
    }
    group_tell(GROUP_ROOT, "memory.allocation", "global");
    for (int i = 0; i < PROCESSES; i++)
        printf("%s: max %ld, removed %d\n", names[i],
               group_number(names[i], "memory.max", NULL), group_remove(names[i]));
    printf("status %d\n", bad);
    return bad != 0;
}
