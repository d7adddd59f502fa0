/* threads.c - several threads of one process: who they are, what they share, how they end. */
#define _GNU_SOURCE
#include "user/lib/after.h"
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int tid(void)
{
    return syscall(SYS_gettid);
}

static pthread_t start(void *(*step)(void *), void *argument)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, step, argument) != 0)
        bail("pthread_create");
    return thread;
}

static void *join(pthread_t thread)
{
    void *result;

    if (pthread_join(thread, &result) != 0)
        bail("pthread_join");
    return result;
}

/* --- Who ------------------------------------------------------------------------------ */

static void *who(void *argument)
{
    int *ids = argument;

    ids[0] = getpid();
    ids[1] = tid();
    ids[2] = getppid();
    return argument;
}

static int status_number(const char *key)
{
    char line[200];
    int number = -1;
    FILE *status = fopen("/proc/self/status", "r");

    while (status && fgets(line, sizeof(line), status))
        if (strncmp(line, key, strlen(key)) == 0)
            number = atoi(line + strlen(key));
    fclose(status);
    return number;
}

static int tasks(void)
{
    int count = 0;
    DIR *task = opendir("/proc/self/task");
    struct dirent *entry;

    while (task && (entry = readdir(task)))
        count += entry->d_name[0] != '.';
    if (task)
        closedir(task);
    return count;
}

static int go[2];

static void *wait_for_go(void *argument)
{
    char byte;

    if (read(go[0], &byte, 1) != 1)
        return NULL;
    return argument;
}

static void test_who(void)
{
    int ids[3];
    char name[100];

    check(join(start(who, ids)) == ids, "a thread's result comes back");
    check_equal(ids[0], getpid(), "a thread has the process's pid");
    check(ids[1] != getpid() && ids[1] > 0, "and an id of its own");
    check_equal(ids[2], getppid(), "and the process's parent");
    check_equal(tid(), getpid(), "the first thread's id is the pid");
    if (pipe(go) != 0)
        bail("pipe");
    pthread_t thread = start(wait_for_go, NULL);
    check_equal(status_number("Threads:"), 2, "status counts two threads");
    check_equal(tasks(), 2, "/proc/self/task has two");
    snprintf(name, sizeof(name), "/proc/self/task/%d/comm", tid());
    check_equal(access(name, R_OK), 0, "with files in them");
    check_equal(write(go[1], "x", 1), 1, "the thread is let go");
    join(thread);
    check_equal(status_number("Threads:"), 1, "and is counted no more");
}

/* --- What is shared ------------------------------------------------------------------------- */

static int shared_value;
static __thread int own_value = 5;

static void *change(void *argument)
{
    shared_value = 7;
    own_value = 9;
    if (chdir("/tmp") != 0 || umask(0111) == 0111)
        return NULL;
    return (void *)(intptr_t)dup(*(int *)argument);
}

static void test_shared(void)
{
    char where[100] = "";
    int fd = 1;

    if (chdir("/") != 0)
        bail("chdir");
    int copy = (intptr_t)join(start(change, &fd));
    check_equal(shared_value, 7, "memory is shared");
    check_equal(own_value, 5, "thread-local memory is not");
    check_equal(close(copy), 0, "open files are shared");
    check(getcwd(where, sizeof(where)) && strcmp(where, "/tmp") == 0,
          "the current directory is shared");
    check_equal(umask(022), 0111, "the umask is shared");
}

/* --- Locks ---------------------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn, steps;

static void *take_turns(void *argument)
{
    int mine = (intptr_t)argument;

    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != mine)
            pthread_cond_wait(&turn_changed, &mutex);
        steps++;
        turn = (mine + 1) % 4;
        pthread_cond_broadcast(&turn_changed);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void *count_up(void *argument)
{
    for (int i = 0; i < 20000; i++) {
        pthread_mutex_lock(&mutex);
        ++*(volatile long *)argument;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void test_locks(void)
{
    pthread_t threads[4];
    long count = 0;

    for (intptr_t i = 0; i < 4; i++)
        threads[i] = start(take_turns, (void *)i);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    check_equal(steps, 800, "four threads take turns by a condition variable");
    for (int i = 0; i < 4; i++)
        threads[i] = start(count_up, &count);
    for (int i = 0; i < 4; i++)
        join(threads[i]);
    check_equal(count, 80000, "a mutex keeps a counter whole");
    struct timespec when = after_ms(CLOCK_REALTIME, 20);
    pthread_mutex_lock(&mutex);
    check_equal(pthread_cond_timedwait(&turn_changed, &mutex, &when), ETIMEDOUT,
                "a condition nobody signals is waited for only so long");
    pthread_mutex_unlock(&mutex);
}

/* --- Robust locks --------------------------------------------------------------------- */

static void *die_with_lock(void *argument)
{
    pthread_mutex_lock(argument);
    return NULL;
}

static int die_with_shared_lock(void *argument)
{
    pthread_mutex_lock(argument);
    raise(SIGKILL);
    return 0;
}

static void test_robust(void)
{
    pthread_mutexattr_t kind;
    pthread_mutex_t *lock = shared_page();

    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(lock, &kind);
    join(start(die_with_lock, lock));
    check_equal(pthread_mutex_lock(lock), EOWNERDEAD, "a thread's death frees its lock");
    pthread_mutex_consistent(lock);
    pthread_mutex_unlock(lock);
    child_run(die_with_shared_lock, lock);
    check_equal(pthread_mutex_lock(lock), EOWNERDEAD,
                "so does that of a process that shares it");
    pthread_mutex_consistent(lock);
    check_equal(pthread_mutex_unlock(lock), 0, "and it can be made whole again");
}

/* --- Signals ---------------------------------------------------------------------------------- */

static volatile int caught_by[65];
static volatile uintptr_t caught_at[65];

static void catch (int signal)
{
    int here;

    caught_by[signal] = tid();
    caught_at[signal] = (uintptr_t)&here;
}

static void *spin_for_signal(void *argument)
{
    volatile int *flag = argument;

    *flag = tid();
    while (!caught_by[SIGUSR1])
        sched_yield();
    return NULL;
}

static void *wait_for_signal(void *argument)
{
    sigset_t set;
    int got = 0;

    *(volatile int *)argument = tid();
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigwait(&set, &got);
    return (void *)(intptr_t)got;
}

static void *own_stack(void *argument)
{
    stack_t stack = {.ss_sp = argument, .ss_size = 16384};

    if (sigaltstack(&stack, NULL) != 0)
        return NULL;
    pthread_kill(pthread_self(), SIGTERM);
    return (void *)(intptr_t)(caught_at[SIGTERM] > (uintptr_t)argument &&
                              caught_at[SIGTERM] < (uintptr_t)argument + 16384);
}

static void test_signals(void)
{
    struct sigaction action = {.sa_handler = catch};
    volatile int flag = 0;
    sigset_t set, old;

    sigaction(SIGUSR1, &action, NULL);
    pthread_t thread = start(spin_for_signal, (void *)&flag);
    while (!flag)
        sched_yield();
    pthread_kill(thread, SIGUSR1);
    join(thread);
    check_equal(caught_by[SIGUSR1], flag, "a signal for a thread is that thread's");

    caught_by[SIGUSR1] = flag = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    thread = start(spin_for_signal, (void *)&flag);
    while (!flag)
        sched_yield();
    pthread_sigmask(SIG_BLOCK, &set, &old);
    kill(getpid(), SIGUSR1);
    join(thread);
    check_equal(caught_by[SIGUSR1], flag,
                "a signal for the process goes to a thread that does not block it");
    pthread_sigmask(SIG_SETMASK, &old, NULL);

    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, &old);
    flag = 0;
    thread = start(wait_for_signal, (void *)&flag);
    while (!flag)
        sched_yield();
    kill(getpid(), SIGUSR2);
    check_equal((intptr_t)join(thread), SIGUSR2, "or to one that waits for it");
    pthread_sigmask(SIG_SETMASK, &old, NULL);

    action.sa_flags = SA_ONSTACK;
    sigaction(SIGTERM, &action, NULL);
    check(join(start(own_stack, malloc(16384))) != NULL,
          "each thread has its own alternate stack");
    check_equal(syscall(SYS_tgkill, getpid(), getpid() + 20000, 0), -1,
                "no signal for a thread there is not");
    signal(SIGTERM, SIG_DFL);
}

/* --- Accounts ------------------------------------------------------------------------- */

static void *burn(void *argument)
{
    struct timespec mine, all;

    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mine);
    while (mine.tv_sec == 0 && mine.tv_nsec < 30000000);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
    *(struct timespec *)argument = all;
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (void *)(intptr_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int test_accounts_child(void *argument)
{
    struct timespec all[2];
    struct rusage usage;

    (void)argument;
    pthread_t threads[2] = {start(burn, &all[0]), start(burn, &all[1])};
    long us = (intptr_t)join(threads[0]);
    join(threads[1]);
    getrusage(RUSAGE_SELF, &usage);
    long total =
        usage.ru_utime.tv_usec + usage.ru_stime.tv_usec + usage.ru_utime.tv_sec * 1000000;
    return us >= 20000 && us < 60000 && total >= 58000 ? 0 : 1;
}

static void test_accounts(void)
{
    check_equal(child_run(test_accounts_child, NULL), 0,
                "threads' running time is their own, and the process's is the sum");
    pthread_t self = pthread_self();
    clockid_t clock;
    struct timespec time = {0};
    check(pthread_getcpuclockid(self, &clock) == 0 && clock_gettime(clock, &time) == 0 &&
              (time.tv_sec || time.tv_nsec),
          "a thread's clock can be read by its number");
}

int main(void)
{
    test_who();
    test_shared();
    test_locks();
    test_robust();
    test_signals();
    test_accounts();
    return tap_end();
}
