/* limit-cpu.c - RLIMIT_CPU: who runs for longer than that is told, then ended. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

struct trial {
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

static int try_one(void *argument)
{
    const struct trial *trial = argument;
    struct rlimit limit = {trial->soft, trial->hard};
    if (setrlimit(RLIMIT_CPU, &limit) != 0)
        return 100;
    return trial->run();
}

static int ends_by(rlim_t soft, rlim_t hard, int (*run)(void))
{
    struct trial trial = {soft, hard, run};
    int status = child_run(try_one, &trial);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
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
    return tap_end();
}
