/* fair-share.c - the processor goes round among programs first, among their threads second.
 *
 * Beside another program that does all it can to have more, of many processes or threads, this
 * one needs little more than twice the time it needs alone, whether it computes, or is two
 * processes that wait for each other by turns.
 *
 * Measured in real time, so the claims are made only where that is counted instructions. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY  40
#define TURNS 500

enum {
    MOST = 300
}; /* percent of the time alone: twice, and what the kernel does in one go */

static long now_us(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void compute(int steps)
{
    for (volatile int i = 0; i < steps; i++)
        ;
}

/* --- The other program: each goes on until it is killed ------------------------------------- */

static void *compute_always(void *argument)
{
    for (;;)
        compute(1000000);
    return argument;
}

static void processes(void)
{
    for (int i = 0; i < MANY; i++)
        if (fork() == 0)
            compute_always(NULL);
}

static void threads(void)
{
    pthread_t thread;

    for (int i = 0; i < MANY; i++)
        if (pthread_create(&thread, NULL, compute_always, NULL) != 0)
            bail("pthread_create");
}

/* Ready again and again, as if they had just come. */
static void sleepers(void)
{
    struct timespec moment = {0, 1};

    for (int i = 0; i < MANY && fork() != 0; i++)
        ;
    for (;;) {
        compute(20000);
        nanosleep(&moment, NULL);
    }
}

static void yielders(void)
{
    for (int i = 0; i < MANY && fork() != 0; i++)
        ;
    for (;;)
        sched_yield();
}

/* Each child is new, and ends at once. */
static void enders(void)
{
    for (int i = 0; i < MANY && fork() != 0; i++)
        ;
    for (;;) {
        if (fork() == 0)
            _exit(0);
        wait(NULL);
    }
}

/* One process, and a new program all the time. */
static void changer(void)
{
    compute(20000);
    execl("/proc/self/exe", "fair-share", "changer", (char *)NULL);
}

static const struct {
    const char *name;
    void (*run)(void);
} others[] = {
    {"processes", processes}, {"threads", threads}, {"sleepers", sleepers},
    {"yielders", yielders},   {"enders", enders},   {"changer", changer},
};

#define OTHERS (sizeof(others) / sizeof(*others))

static pid_t other_start(const char *name)
{
    pid_t child = fork();

    if (child == 0) {
        setpgid(0, 0);
        execl("/proc/self/exe", "fair-share", name, (char *)NULL);
        _exit(1);
    }
    return child;
}

static int other_run(const char *name)
{
    for (unsigned i = 0; i < OTHERS; i++)
        if (strcmp(others[i].name, name) == 0)
            others[i].run();
    compute_always(NULL);
    return 1;
}

static void other_end(pid_t other)
{
    check(kill(-other, SIGKILL) == 0 && waitpid(other, NULL, 0) == other, "it ends");
}

/* --- What this one does ----------------------------------------------------------------------- */

static long compute_us(void)
{
    long begin = now_us();

    compute(3000000);
    return now_us() - begin;
}

/* Two processes of this program that wait for each other: there is always one that could run. */
static long pass_us(void)
{
    long begin = now_us();

    for (int i = 0; i < TURNS; i++) {
        pid_t child = vfork();
        if (child == 0)
            _exit(0);
        if (child < 0 || waitpid(child, NULL, 0) != child)
            bail("vfork");
        compute(2000);
    }
    return now_us() - begin;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return other_run(argv[1]);
    if (!on_faultline()) {
        check_skip("time is not counted there", "programs have equal shares");
        return tap_end();
    }
    long compute_alone = compute_us(), pass_alone = pass_us();
    for (unsigned i = 0; i < OTHERS; i++) {
        pid_t other = other_start(others[i].name);
        usleep(300000); /* they have begun */
        long percent = compute_us() * 100 / compute_alone;
        check(percent <= MOST, "%s: what computes takes %ld %% of before", others[i].name,
              percent);
        percent = pass_us() * 100 / pass_alone;
        check(percent <= MOST, "%s: who wait for each other take %ld %%", others[i].name,
              percent);
        other_end(other);
    }
    return tap_end();
}
