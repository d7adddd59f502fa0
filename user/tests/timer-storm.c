/* timer-storm.c - timers cost who has them. Beside a process that sets as many timers as it can,
 * as short as it can, another one computes: it gets the share of the processor that it would get
 * beside any process that computes, and all of it beside one that only sleeps.
 *
 * Measured in real time, so the claims are made only where that is counted instructions. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMERS   64
#define FILES    4000
#define SLEEPERS 20

enum share {
    ALL = 110,
    HALF = 225
}; /* the most it may take, in percent of the time alone */

static volatile int rings;

static void ring(int signal)
{
    (void)signal;
    rings++;
}

static long now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* What a bystander needs for a fixed amount of work. */
static long work_us(void)
{
    long begin = now_us();

    for (volatile int i = 0; i < 3000000; i++)
        ;
    return now_us() - begin;
}

/* All the timers that a process may have, each a nanosecond long, with that signal. */
static void timers_start(int signal)
{
    struct itimerspec often = {{0, 1}, {0, 1}};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signal};
    timer_t timer;

    for (int i = 0; i < TIMERS; i++)
        if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
            timer_settime(timer, 0, &often, NULL) != 0)
            bail("timer");
}

/* --- Storms: each a process that goes on until it is killed --------------------------- */

static void handle(int signal)
{
    struct sigaction action = {.sa_handler = ring};

    sigaction(signal, &action, NULL);
}

static void ignored(void)
{
    signal(SIGUSR1, SIG_IGN);
    timers_start(SIGUSR1);
    pause();
}

/* By default: nobody said so. */
static void ignored_by_default(void)
{
    timers_start(SIGWINCH);
    pause();
}

static void blocked(void)
{
    sigset_t set;

    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    timers_start(SIGRTMIN);
    sleep(1000);
}

static void handled(void)
{
    handle(SIGRTMIN);
    timers_start(SIGRTMIN);
    for (;;)
        ;
}

static void handled_asleep(void)
{
    handle(SIGUSR1);
    timers_start(SIGUSR1);
    for (;;)
        pause();
}

/* Between being ignored and blocked, so that each timer must be started again. */
static void ignored_now_and_then(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    timers_start(SIGUSR1);
    for (;;) {
        sigprocmask(SIG_BLOCK, &set, NULL);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    }
}

static void classic(void)
{
    struct itimerval often = {{0, 1}, {0, 1}};

    handle(SIGALRM);
    setitimer(ITIMER_REAL, &often, NULL);
    for (;;)
        pause();
}

static void classic_ignored(void)
{
    struct itimerval often = {{0, 1}, {0, 1}};

    signal(SIGALRM, SIG_IGN);
    setitimer(ITIMER_REAL, &often, NULL);
    pause();
}

static void running_time(void)
{
    struct itimerspec often = {{0, 1}, {0, 1}};
    timer_t timer;

    signal(SIGALRM, SIG_IGN);
    for (int i = 0; i < TIMERS; i++)
        if (timer_create(CLOCK_PROCESS_CPUTIME_ID, NULL, &timer) == 0)
            timer_settime(timer, 0, &often, NULL);
    for (;;)
        ;
}

static void files_open(int *files, const struct itimerspec *when)
{
    struct rlimit many = {FILES + 10, FILES + 10};

    setrlimit(RLIMIT_NOFILE, &many);
    for (int i = 0; i < FILES; i++) {
        files[i] = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
        if (files[i] < 0 || timerfd_settime(files[i], 0, when, NULL) != 0)
            bail("timerfd");
    }
}

static void files_read(void)
{
    static int files[FILES];
    struct itimerspec often = {{0, 1}, {0, 1}};
    long times;

    files_open(files, &often);
    for (int i = 0;; i = (i + 1) % FILES)
        if (read(files[i], &times, sizeof(times)) < 0)
            usleep(1);
}

/* So many timers wait that to look for the place of one costs, if all are looked at. */
static void files_waiting(void)
{
    static int files[FILES];
    struct itimerspec late = {{0, 1}, {1000, 0}};

    files_open(files, &late);
    pause();
}

static void short_sleeps(void)
{
    struct timespec moment = {0, 1};

    for (int i = 1; i < SLEEPERS; i++)
        if (fork() == 0)
            break;
    for (;;)
        nanosleep(&moment, NULL);
}

static void alarms(void)
{
    struct itimerval soon = {{0, 0}, {0, 1}};

    handle(SIGALRM);
    for (;;)
        setitimer(ITIMER_REAL, &soon, NULL);
}

/* --- The bystander -------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(void);
    enum share share;
} storms[] = {
    {"timers whose signal is ignored", ignored, ALL},
    {"timers whose signal is ignored by default", ignored_by_default, ALL},
    {"timers whose signal is blocked", blocked, ALL},
    {"timers whose signal is handled", handled, HALF},
    {"timers whose signal is handled, by one who sleeps", handled_asleep, HALF},
    {"timers that are ignored now and then", ignored_now_and_then, HALF},
    {"setitimer", classic, HALF},
    {"setitimer, ignored", classic_ignored, ALL},
    {"timers of running time", running_time, HALF},
    {"files of timers, read", files_read, HALF},
    {"files of timers that wait", files_waiting, ALL},
    {"sleeps of a nanosecond", short_sleeps, HALF},
    {"alarms, set again and again", alarms, HALF},
};

/* Its group is its own, so that what it forked goes with it. */
static pid_t storm_start(void (*run)(void))
{
    pid_t child = fork();

    if (child == 0) {
        setpgid(0, 0);
        run();
        _exit(1);
    }
    return child;
}

/* Sleeps and timeouts of others: how long does it take to set one of many? */
static long short_sleeps_us(void)
{
    long begin = now_us();

    for (int i = 0; i < 100; i++)
        usleep(1);
    return now_us() - begin;
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("time is not counted there",
                   "a process's timers slow that process only");
        return tap_end();
    }
    one_processor();
    long alone = work_us(), sleeps = short_sleeps_us();
    for (unsigned i = 0; i < sizeof(storms) / sizeof(storms[0]); i++) {
        pid_t storm = storm_start(storms[i].run);
        usleep(300000); /* it has begun */
        long percent = work_us() * 100 / alone;
        check(percent <= storms[i].share, "%s: a bystander's work takes %ld %% of before",
              storms[i].name, percent);
        if (storms[i].share == ALL) {
            percent = short_sleeps_us() * 100 / sleeps;
            check(percent <= 150, "and its short sleeps %ld %%", percent);
        }
        check(kill(-storm, SIGKILL) == 0 && waitpid(storm, NULL, 0) == storm, "it ends");
    }
    return tap_end();
}
