/* limit-cpu.c - RLIMIT_CPU, and RLIMIT_RTTIME for threads with a real-time priority: who runs for
 * longer than that is told, then ended. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

struct trial {
    int limit;
    rlim_t soft, hard;
    int (*run)(void);
};

static volatile sig_atomic_t told;

static void on_told(int signal)
{
    (void)signal;
    told++;
}

static int compute(void)
{
    for (volatile bool on = true; on;)
        ;
    return 0;
}

/* All its time passes in the kernel, or nearly. */
static int fault(void)
{
    char *page =
        mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (*page == 0) {
        *page = 1;
        madvise(page, PAGE, MADV_DONTNEED);
    }
    return 0;
}

static int rest(void)
{
    for (int i = 0; i < 30; i++)
        usleep(100000);
    return 0;
}

static int until_told_twice(void)
{
    signal(SIGXCPU, on_told);
    while (told < 2)
        ;
    struct rlimit now;
    getrlimit(RLIMIT_CPU, &now);
    return now.rlim_cur == 3 ? 0 : (int)now.rlim_cur + 1;
}

static void *compute_thread(void *nothing)
{
    compute();
    return nothing;
}

static int with_threads(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, compute_thread, NULL);
    return compute();
}

static int grandchild(void)
{
    pid_t child = fork();
    if (child == 0)
        compute();
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 100;
}

static int execs(void)
{
    execl("/proc/self/exe", "limit-cpu", "compute", NULL);
    return 100;
}

/* --- In real time -------------------------------------------------------------------------- */

#define MILLISECOND 1000 /* us */

/* (musl's function has no priorities to give.) */
static bool real_time_begins(void)
{
    struct sched_param parameter = {.sched_priority = 1};
    return syscall(SYS_sched_setscheduler, 0, SCHED_RR, &parameter) == 0;
}

static int in_real_time(void)
{
    return real_time_begins() ? compute() : 100;
}

static int in_real_time_with_rests(void)
{
    if (!real_time_begins())
        return 100;
    for (int i = 0; i < 20; i++) {
        struct timespec begin, now;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
        do
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        while ((now.tv_sec - begin.tv_sec) * 1000000000 + now.tv_nsec - begin.tv_nsec <
               50000000);
        usleep(1000);
    }
    return 0;
}

static int ordinarily(void)
{
    struct timespec now;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    while (now.tv_nsec < 900000000);
    return 0;
}

static int until_told_in_real_time(void)
{
    signal(SIGXCPU, on_told);
    if (!real_time_begins())
        return 100;
    while (told < 1)
        ;
    struct rlimit now;
    getrlimit(RLIMIT_RTTIME, &now);
    return now.rlim_cur == 300 * MILLISECOND + 1000000 ? 0 : 101;
}

static int try_one(void *argument)
{
    const struct trial *trial = argument;
    struct rlimit limit = {trial->soft, trial->hard};
    if (setrlimit(trial->limit, &limit) != 0)
        return 100;
    return trial->run();
}

static int ends(struct trial trial)
{
    int status = child_run(try_one, &trial);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static int ends_by(rlim_t soft, rlim_t hard, int (*run)(void))
{
    return ends((struct trial){RLIMIT_CPU, soft, hard, run});
}

static int in_real_time_ends_by(rlim_t soft, rlim_t hard, int (*run)(void))
{
    return ends((struct trial){RLIMIT_RTTIME, soft * MILLISECOND, hard * MILLISECOND, run});
}

static void check_real_time(void)
{
    if (in_real_time_ends_by(300, 600, in_real_time) == -100) {
        check_skip("no real-time priority is to be had here", "RLIMIT_RTTIME");
        return;
    }
    check_equal(in_real_time_ends_by(300, 600, in_real_time), SIGXCPU,
                "a loop in real time, above the soft limit");
    check_equal(in_real_time_ends_by(300, 300, in_real_time), SIGKILL,
                "above the hard one");
    check_equal(in_real_time_ends_by(300, 600, in_real_time_with_rests), 0,
                "it counts from the last time asleep");
    check_equal(in_real_time_ends_by(300, 600, ordinarily), 0,
                "it is nothing to who has no such priority");
    check_equal(in_real_time_ends_by(300, 9000, until_told_in_real_time), 0,
                "who handles it is told a second later");
}

int main(int count, char **words)
{
    (void)words;
    if (count > 1)
        return compute();
    check_equal(ends_by(1, 3, compute), SIGXCPU, "a loop, above the soft limit");
    check_equal(ends_by(1, 1, compute), SIGKILL, "above the hard one");
    check_equal(ends_by(0, 1, compute), SIGXCPU, "a limit of 0 is over at once");
    check_equal(ends_by(1, 3, fault), SIGXCPU, "a loop of faults and calls");
    check_equal(ends_by(1, 2, rest), 0, "time asleep is not running time");
    check_equal(ends_by(1, 9, until_told_twice), 0, "who handles it is told each second");
    check_equal(ends_by(1, 2, with_threads), SIGXCPU, "all threads' time together counts");
    check_equal(ends_by(1, 2, grandchild), -SIGXCPU,
                "a child has the limit, and its own time");
    check_equal(ends_by(1, 2, execs), SIGXCPU, "exec keeps both");
    check_real_time();
    return tap_end();
}
