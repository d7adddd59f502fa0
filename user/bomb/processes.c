/* processes.c - bombs of processes and threads. */
#include "user/bomb/bomb.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Children that wait, until one is refused. */
static void fork_waiting(void)
{
    int pid;

    while ((pid = bomb_fork()) > 0)
        ;
    if (pid == 0)
        bomb_wait();
}

/* Everybody forks, for ever. */
static void fork_endless(void)
{
    for (;;)
        bomb_fork();
}

/* A refused one does not give up: it tries again as long as it lives. */
static void fork_stubborn(void)
{
    for (;;)
        if (bomb_fork() == 0)
            bomb_wait();
}

static void *idle(void *argument)
{
    pause();
    return argument;
}

static void take(unsigned long pages)
{
    char *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return;
    for (unsigned long i = 0; i < pages; i++)
        memory[i * PAGE] = 1;
}

/* Each child takes a little memory: far less than the bystander. */
static void fork_touching(void)
{
    for (;;) {
        int pid = bomb_fork();
        if (pid == 0) {
            take(100);
            bomb_wait();
        }
        if (pid < 0)
            usleep(1000);
    }
}

/* Children that end at once, and whom nobody asks how. */
static void fork_zombies(void)
{
    for (;;) {
        int pid = bomb_fork();
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            usleep(1000);
    }
}

/* Each child another program. */
static void fork_exec(void)
{
    for (;;) {
        int pid = bomb_fork();
        if (pid == 0) {
            execl("/bin/sleep", "sleep", "1000", (char *)NULL);
            _exit(1);
        }
        if (pid < 0)
            usleep(1000);
    }
}

/* --- Each a program of its own --------------------------------------------------------------- */

/* Small programs, but many: none holds as much as the bystander. */
static void exec_large(void)
{
    for (;;) {
        int pid = bomb_fork();
        if (pid == 0)
            bomb_exec("--wait", "exec-large");
        if (pid < 0)
            usleep(1000);
    }
}

/* Nobody's children, each in a session of its own. */
static void exec_orphans(void)
{
    for (;;) {
        int pid = bomb_fork();
        if (pid == 0 && bomb_fork() == 0) {
            setsid();
            bomb_exec("--wait", "exec-orphans");
        }
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            usleep(1000);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

/* Every one execs, and makes two more. */
static void exec_generations(void)
{
    for (int made = 0; made < 2;) {
        int pid = bomb_fork();
        if (pid == 0)
            bomb_exec("--bomb", "exec-generations");
        if (pid < 0)
            usleep(1000);
        made += pid > 0;
    }
}

/* The same, and who has made others ends. */
static void exec_onwards(void)
{
    exec_generations();
    _exit(0);
}

/* Every one goes on making others. */
static void exec_endless(void)
{
    for (;;) {
        int pid = bomb_fork();
        if (pid == 0)
            bomb_exec("--bomb", "exec-endless");
        if (pid < 0)
            usleep(1000);
    }
}

/* Each with regions, threads and a full pipe. */
static void exec_laden(void)
{
    static char bytes[16 * PAGE];
    pthread_attr_t attributes;
    pthread_t thread;
    int ends[2], pid;

    if ((pid = bomb_fork()) == 0 || bomb_fork() == 0)
        bomb_exec("--bomb", "exec-laden");
    take(50);
    for (int i = 0; i < 4; i++)
        if (pipe(ends) == 0 && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 &&
            write(ends[1], bytes, sizeof(bytes)) < 0)
            break;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 4 * PAGE);
    for (int i = 0; i < 4; i++)
        pthread_create(&thread, &attributes, idle, NULL);
}

static void shell(void)
{
    execl("/bin/sh", "sh", "-c", "b() { b | b & }; b; wait", (char *)NULL);
}

/* --- Threads ------------------------------------------------------------------------------ */

static void threads(void)
{
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 4 * PAGE);
    while (pthread_create(&thread, &attributes, idle, NULL) == 0)
        ;
}

/* Many processes of many threads. */
static void threads_forked(void)
{
    for (;;)
        if (bomb_fork() == 0) {
            threads();
            bomb_wait();
        }
}

const struct bomb bombs_of_processes[] = {
    {"fork-waiting", fork_waiting},
    {"fork-endless", fork_endless},
    {"fork-stubborn", fork_stubborn},
    {"fork-touching", fork_touching},
    {"fork-zombies", fork_zombies},
    {"fork-exec", fork_exec},
    {"exec-large", exec_large},
    {"exec-orphans", exec_orphans},
    {"exec-generations", exec_generations},
    {"exec-onwards", exec_onwards},
    {"exec-endless", exec_endless},
    {"exec-laden", exec_laden},
    {"shell", shell},
    {"threads", threads},
    {"threads-forked", threads_forked},
    {NULL, NULL},
};
