/* timers.c - bombs of time: timers that run out a nanosecond after they have been set, again
 * and again, in several processes. */
#define _GNU_SOURCE
#include "user/bomb/bomb.h"

#include <signal.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 12
#define TIMERS    64

static const struct itimerspec often = {{0, 1}, {0, 1}};

static void ring(int signal)
{
    (void)signal;
}

static void handle(int signal)
{
    struct sigaction action = {.sa_handler = ring};

    sigaction(signal, &action, NULL);
}

/* As many as a process may have, each with a signal of its own to send. */
static void timers_ring(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    timer_t timer;

    handle(SIGRTMIN);
    for (int i = 0; i < TIMERS; i++)
        if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
            timer_settime(timer, 0, &often, NULL);
    bomb_wait();
}

static void alarm_rings(void)
{
    struct itimerval always = {{0, 1}, {0, 1}};

    handle(SIGALRM);
    setitimer(ITIMER_REAL, &always, NULL);
    bomb_wait();
}

static void files_ring(void)
{
    int files[TIMERS];
    long times;

    for (int i = 0; i < TIMERS; i++) {
        files[i] = timerfd_create(CLOCK_MONOTONIC, 0);
        timerfd_settime(files[i], 0, &often, NULL);
    }
    for (int i = 0;; i = (i + 1) % TIMERS)
        if (read(files[i], &times, sizeof(times)) < 0)
            bomb_wait();
}

static void sleeps_end(void)
{
    for (;;)
        nanosleep(&often.it_value, NULL);
}

static void timer_storm(void)
{
    static void (*const kinds[])(void) = {timers_ring, alarm_rings, files_ring, sleeps_end};

    for (unsigned i = 0; i < PROCESSES; i++)
        if (bomb_fork() == 0)
            kinds[i % (sizeof(kinds) / sizeof(*kinds))]();
}

/* The same, each process a program of its own. */
static void timer_storms(void)
{
    for (unsigned i = 0; i < PROCESSES / 4; i++)
        if (bomb_fork() == 0)
            bomb_exec("--bomb", "timer-storm");
}

const struct bomb bombs_of_timers[] = {
    {"timer-storm", timer_storm},
    {"timer-storms", timer_storms},
    {NULL, NULL},
};
