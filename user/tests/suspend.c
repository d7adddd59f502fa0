/* suspend.c - what a process may be in the middle of when load control suspends it.
 *
 * Eight processes go round their memory for ever, in frames for three; some do something
 * else besides. The kernel suspends and resumes them by turns, and none of them may notice
 * but by the time it takes. Without a slow swap area there is nothing to suspend for. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/load.h"
#include "user/lib/tap.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HOGS = 8, PAGES = 200, FRAMES = 700 };

static struct board {
    atomic_long went[HOGS], did[HOGS], failed[HOGS];
} * board;

static char *memory;

static void pause_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

static void turn(int self)
{
    for (int page = 0; page < PAGES; page++) {
        memory[(size_t)page * PAGE]++;
        for (volatile int i = 0; i < 1000; i++)
            ;
    }
    atomic_fetch_add(&board->went[self], 1);
}

/* --- What they do besides ---------------------------------------------------------------- */

static void plain(int self)
{
    (void)self;
}

static void forks(int self)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(memory[0] == memory[PAGE] ? 7 : 8);
    bool good = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                WEXITSTATUS(status) == 7;
    atomic_fetch_add(good ? &board->did[self] : &board->failed[self], 1);
}

static void executes(int self)
{
    int status;
    pid_t child = vfork();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(127);
    }
    bool good = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    atomic_fetch_add(good ? &board->did[self] : &board->failed[self], 1);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ends[2], turns_made, answers;

static void *answers_pipe(void *unused)
{
    char byte;
    while (read(ends[0], &byte, 1) == 1) {
        pthread_mutex_lock(&mutex);
        answers++;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&mutex);
    }
    atomic_fetch_add(&board->failed[3], 1); /* a read came to nothing */
    return unused;
}

static void *sleeps(void *unused)
{
    struct timespec time = {0, 30000000};
    for (;;)
        if (nanosleep(&time, NULL) != 0)
            atomic_fetch_add(&board->failed[3], 1);
    return unused;
}

/* Three threads: one asks by a pipe, one answers by a futex, one sleeps. */
static void threads(int self)
{
    if (turns_made == 0) {
        pthread_t one, two;
        if (pipe(ends) != 0 || pthread_create(&one, NULL, answers_pipe, NULL) != 0 ||
            pthread_create(&two, NULL, sleeps, NULL) != 0)
            atomic_fetch_add(&board->failed[self], 1);
    }
    turns_made++;
    if (write(ends[1], "", 1) != 1)
        atomic_fetch_add(&board->failed[self], 1);
    pthread_mutex_lock(&mutex);
    while (answers < turns_made)
        pthread_cond_wait(&changed, &mutex);
    pthread_mutex_unlock(&mutex);
    atomic_fetch_add(&board->did[self], 1);
}

static void (*const besides[HOGS])(int self) = {plain, forks, executes, threads,
                                                plain, plain, plain,    plain};

static pid_t hog_start(int self)
{
    pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    memory = region_map(PAGES);
    for (;;) {
        turn(self);
        besides[self](self);
    }
}

/* --- What is looked for ------------------------------------------------------------------- */

static bool is_suspended(pid_t pid)
{
    char path[32];
    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    return field_read(path, "Suspended") == 1;
}

/* Until it is suspended, for at most ten seconds. */
static bool await_suspended(pid_t pid)
{
    for (int tries = 0; tries < 500; tries++, pause_ms(20))
        if (is_suspended(pid))
            return true;
    return false;
}

/* Until it has ended, stopped, or gone on: what wait says within five seconds; -1. */
static int await_status(pid_t pid, int options)
{
    int status;
    for (int tries = 0; tries < 250; tries++, pause_ms(20))
        if (waitpid(pid, &status, options | WNOHANG) == pid)
            return status;
    return -1;
}

static void end_one(pid_t pid, int signal, const char *name)
{
    int status;
    check(await_suspended(pid), "one is suspended, to be sent %s", name);
    kill(pid, signal);
    status = await_status(pid, 0);
    check(status >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == signal,
          "%s ends it as it is", name);
}

static void stop_one(pid_t pid, int self)
{
    check(await_suspended(pid), "one is suspended, to be stopped");
    kill(pid, SIGSTOP);
    int status = await_status(pid, WUNTRACED);
    check(status >= 0 && WIFSTOPPED(status), "SIGSTOP stops it when it is its turn");
    long before = atomic_load(&board->went[self]);
    pause_ms(3000);
    check_equal(atomic_load(&board->went[self]), before, "stopped, it does nothing");
    kill(pid, SIGCONT);
    status = await_status(pid, WCONTINUED);
    check(status >= 0 && WIFCONTINUED(status), "SIGCONT lets it go on");
    pause_ms(3000);
    check(atomic_load(&board->went[self]) > before, "and it does");
}

static void progress_check(const long *before)
{
    for (int i = 0; i < HOGS; i++)
        if (i != 4 && i != 5)
            check(atomic_load(&board->went[i]) > before[i], "process %d went on", i);
}

int main(void)
{
    struct load_counts counts;
    pid_t hogs[HOGS];
    long before[HOGS];
    int status;
    if (!load_counts_read(&counts) || counts.service == 0) {
        check_skip("no swap area that takes time", "processes are suspended");
        return tap_end();
    }
    board = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mlock(board, PAGE);
    for (int i = 0; i < HOGS; i++)
        hogs[i] = hog_start(i);
    pid_t ballast = ballast_start(FRAMES);
    check(ballast > 0, "frames for three of eight");
    pause_ms(5000);
    end_one(hogs[4], SIGKILL, "SIGKILL");
    end_one(hogs[5], SIGTERM, "SIGTERM");
    stop_one(hogs[6], 6);
    for (int i = 0; i < HOGS; i++)
        before[i] = atomic_load(&board->went[i]);
    pause_ms(4000);
    progress_check(before);
    check(atomic_load(&board->did[1]) > 0, "%ld children were born and waited for",
          atomic_load(&board->did[1]));
    check(atomic_load(&board->did[2]) > 0, "%ld were vforked, and ran a program",
          atomic_load(&board->did[2]));
    check(atomic_load(&board->did[3]) > 0, "%ld times threads met by pipe and futex",
          atomic_load(&board->did[3]));
    for (int i = 1; i <= 3; i++)
        check_equal(atomic_load(&board->failed[i]), 0, "no call of process %d failed", i);
    load_counts_read(&counts);
    check(counts.suspensions > 20, "%ld suspensions", counts.suspensions);
    check(setting_write("load_control", "off"), "load control can be switched off");
    pause_ms(1000);
    load_counts_read(&counts);
    check_equal(counts.suspended, 0, "then nobody is suspended");
    setting_write("load_control", "working-set");
    for (int i = 0; i < HOGS; i++)
        kill(hogs[i], SIGKILL);
    ballast_end(ballast);
    while (wait(&status) > 0)
        ;
    return tap_end();
}
