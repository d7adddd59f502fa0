/* wait-kinds.c - whom wait means: children that are clones, and a thread's own (__WCLONE, __WALL,
 * __WNOTHREAD). */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t made;
static struct turns turns;

/* A child that ends at once, and tells it by this signal (0: by none). */
static pid_t clone_with(long signal)
{
    pid_t child = raw6(SYS_clone, signal, 0, 0, 0, 0, 0);

    if (child == 0)
        _exit(3);
    return child;
}

/* Of a child with another signal than SIGCHLD. */
static void test_clone(int signal, const char *what)
{
    int status = 0;
    pid_t child = clone_with(signal);

    check(fails(waitpid(-1, &status, 0), ECHILD),
          "%s is not for those who wait for children", what);
    check(fails(waitpid(child, &status, WNOHANG), ECHILD), "%s: nor by its number", what);
    check(waitpid(-1, &status, __WCLONE) == child && WEXITSTATUS(status) == 3,
          "%s is for those who wait for clones", what);
    child = clone_with(signal);
    check(waitpid(-1, &status, __WALL) == child, "%s: and for those who wait for all",
          what);
}

static void test_child(void)
{
    siginfo_t info;
    pid_t child = clone_with(SIGCHLD);

    check(fails(waitpid(-1, NULL, __WCLONE), ECHILD), "a child is no clone");
    check(fails(waitid(P_ALL, 0, &info, WEXITED | __WCLONE), ECHILD), "nor for waitid");
    check(waitpid(-1, NULL, __WALL) == child, "among all it is");
}

static void *fork_here(void *unused)
{
    made = clone_with(SIGCHLD);
    turn_to_parent(&turns, 'f');
    turn_of_parent(&turns);
    return unused;
}

static void *wait_here(void *result)
{
    *(bool *)result = fails(waitpid(-1, NULL, __WNOTHREAD | WNOHANG), ECHILD);
    return result;
}

static void test_thread(void)
{
    pthread_t thread, another;
    bool none = false;

    turns_open(&turns);
    pthread_create(&thread, NULL, fork_here, NULL);
    turn_of_child(&turns);
    check(fails(waitpid(-1, NULL, __WNOTHREAD), ECHILD),
          "another thread's child is not mine");
    check(waitpid(-1, NULL, 0) == made, "but the process's");
    turn_to_child(&turns, 'g');
    pthread_join(thread, NULL);
    pthread_create(&thread, NULL, fork_here, NULL);
    turn_to_child(&turns, 'g');
    turn_of_child(&turns);
    pthread_join(thread, NULL);
    pthread_create(&another, NULL, wait_here, &none);
    pthread_join(another, NULL);
    check(none, "what a thread that has ended left behind is not any other's");
    check(waitpid(-1, NULL, __WNOTHREAD) == made, "but the first one's");
    made = clone_with(SIGCHLD);
    check(waitpid(made, NULL, __WNOTHREAD) == made, "and its own are");
}

int main(void)
{
    signal(SIGUSR1, SIG_IGN);
    test_clone(SIGUSR1, "a clone with a signal of its own");
    test_clone(0, "one with none");
    test_child();
    test_thread();
    return tap_end();
}
