/* objects.c - bombs of what a process holds by number: pipes, sockets, events, timers,
 * signals, locks. One process may have so many of each; so many processes have them. */
#define _GNU_SOURCE
#include "user/bomb/bomb.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* As many open files as may be. */
static void raise_limit(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* `run` in this process, and in children as long as there may be more. */
static void everywhere(void (*run)(void))
{
    raise_limit();
    for (;;) {
        run();
        int pid = bomb_fork();
        if (pid > 0)
            bomb_wait();
        if (pid < 0)
            usleep(1000);
    }
}

static void fill(int file)
{
    static char bytes[16 * PAGE];

    fcntl(file, F_SETFL, O_NONBLOCK);
    while (write(file, bytes, sizeof(bytes)) > 0)
        ;
}

static void pipes_here(void)
{
    int ends[2];

    while (pipe(ends) == 0)
        fill(ends[1]);
}

static void sockets_here(void)
{
    int ends[2];

    while (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) {
        fill(ends[0]);
        fill(ends[1]);
    }
}

static void events_here(void)
{
    while (eventfd(0, 0) >= 0 && timerfd_create(CLOCK_MONOTONIC, 0) >= 0)
        ;
}

/* Each looks on all before. */
static void epolls_here(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int file, source = eventfd(0, 0);

    while ((file = epoll_create1(0)) >= 0)
        for (int other = source; other < file && other < source + 200; other++)
            epoll_ctl(file, EPOLL_CTL_ADD, other, &event);
}

static void timers_here(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    timer_t timer;

    while (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        ;
}

/* Blocked ones, which wait with what they tell. */
static void signals_here(void)
{
    sigset_t all;
    union sigval value = {.sival_int = 1};

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (unsigned i = 0; i < 100000; i++)
        if (sigqueue(getpid(), SIGRTMIN, value))
            return;
}

/* Every second byte of a file. */
static void locks_here(void)
{
    char name[100];
    mkdir(BOMB_DIRECTORY, 0755);
    snprintf(name, sizeof(name), BOMB_DIRECTORY "/locked-%d", getpid());
    int file = open(name, O_RDWR | O_CREAT, 0644);

    for (long at = 0; at < 20000; at += 2) {
        struct flock lock = {.l_type = F_WRLCK, .l_start = at, .l_len = 1};
        if (fcntl(file, F_SETLK, &lock))
            return;
    }
}

static void pipes(void)
{
    everywhere(pipes_here);
}

static void sockets(void)
{
    everywhere(sockets_here);
}

static void events(void)
{
    everywhere(events_here);
}

static void epolls(void)
{
    everywhere(epolls_here);
}

static void timers(void)
{
    everywhere(timers_here);
}

static void signals(void)
{
    everywhere(signals_here);
}

static void locks(void)
{
    everywhere(locks_here);
}

const struct bomb bombs_of_objects[] = {
    {"pipes", pipes},   {"sockets", sockets}, {"events", events}, {"epolls", epolls},
    {"timers", timers}, {"signals", signals}, {"locks", locks},   {NULL, NULL},
};
