/* group-turns.c - two processes of one group at its limit: the one that asks for more and
 * more does not keep the other from its few pages.
 *
 *   group-turns SECONDS POLICY
 *
 * Prints how many pages each touched. Wants a swap area that takes time. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAMES = 100, MODEST = 40, GREEDY = 300 };

static const char group[] = "turns";
static volatile long *touched; /* shared: by the modest one, by the greedy one */

static int worker(void *argument)
{
    int pages = *(int *)argument;
    volatile long *mine = &touched[pages == GREEDY];

    if (!program_wire() || !group_join(group))
        return 1;
    volatile char *region = region_map((size_t)pages);
    for (;; ++*mine)
        region[*mine % pages * PAGE]++;
}

int main(int argc, char *argv[])
{
    int seconds = argc > 1 ? atoi(argv[1]) : 10, sizes[] = {GREEDY, MODEST};
    pid_t child[2];

    touched = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!group_make(group) || !group_limit(group, FRAMES) ||
        !group_tell(group, "memory.policy", argc > 2 ? argv[2] : "clock")) {
        perror("group-turns");
        return 1;
    }
    for (int i = 0; i < 2; i++)
        child[i] = child_start(worker, &sizes[i]);
    sleep((unsigned)seconds);
    printf("modest %ld greedy %ld\n", touched[0], touched[1]);
    for (int i = 0; i < 2; i++) {
        kill(child[i], SIGKILL);
        waitpid(child[i], NULL, 0);
    }
    return !group_remove(group);
}
