/* locks.c - long calls about record locks: a long chain of those who wait for each other. */
#define _GNU_SOURCE
#include "user/turns/turns.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK 4096

static int file, go[2][2], ready[2];
static char *stacks;
static pid_t *members;
static size_t members_count;

static int lock(int command, size_t at)
{
    struct flock wanted = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)at, .l_len = 1};

    return fcntl(file, command, &wanted);
}

/* Has its own byte; once the next one has his, waits for that. */
static int member(void *own)
{
    size_t at = (size_t)own;
    char byte;

    lock(F_SETLK, at);
    write(ready[1], "", 1);
    read(go[at % 2][0], &byte, 1);
    _exit(lock(F_SETLKW, at + 1));
}

static void member_start(size_t i)
{
    char byte;

    members[i] = clone(member, stacks + (i + 1) * STACK, CLONE_VM | SIGCHLD, (void *)i);
    must(members[i] > 0 && setpgid(members[i], members[0]) == 0, "clone");
    must(read(ready[0], &byte, 1) == 1, "a member");
}

static void chain_make(void)
{
    members_count = many * 3 / 4;
    file = open("/tmp/chain", O_RDWR | O_CREAT | O_TRUNC, 0600);
    members = calloc(members_count, sizeof(*members));
    stacks = mmap(NULL, members_count * STACK, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(file >= 0 && members && stacks != MAP_FAILED && pipe(ready) == 0 &&
             pipe(go[0]) == 0 && pipe(go[1]) == 0,
         "a chain");
    for (size_t i = 0; i < members_count; i++) {
        member_start(i);
        if (i > 0)
            must(write(go[(i - 1) % 2][1], "", 1) == 1, "write");
    }
    usleep(10000);
}

static void nothing(int signal)
{
    (void)signal;
}

/* Wait for the first, until a signal. */
static void call_lock(void)
{
    struct sigaction action = {.sa_handler = nothing};
    struct itimerval soon = {.it_value = {.tv_usec = 100000}};

    sigaction(SIGALRM, &action, NULL);
    must(setitimer(ITIMER_REAL, &soon, NULL) == 0 && lock(F_SETLKW, 0) != 0, "fcntl");
}

static void chain_end(void)
{
    kill(-members[0], SIGKILL);
    for (size_t i = 0; i < members_count; i++)
        waitpid(members[i], NULL, 0);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(go[0][i]);
        close(go[1][i]);
    }
    close(file);
    unlink("/tmp/chain");
    munmap(stacks, members_count * STACK);
    free(members);
}

const struct turn turns_of_locks[] = {
    {"lock-chain", chain_make, call_lock, chain_end},
    {NULL, NULL, NULL, NULL},
};
