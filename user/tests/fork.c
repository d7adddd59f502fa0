/* fork.c - what a child has of its own and what it shares; vfork, where the parent waits. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int global = 1;
static volatile long *told;

static int child_identity(void *unused)
{
    (void)unused;
    told[0] = getpid();
    told[1] = getppid();
    global = 2;
    return 23;
}

static void test_identity(void)
{
    pid_t child = child_start(child_identity, NULL);
    int status = child_wait(child);

    check(child > 0 && child != getpid(), "fork returns a new pid to the parent");
    check_equal(told[0], child, "which the child finds as its own");
    check_equal(told[1], getpid(), "and the parent's as its parent's");
    check(WIFEXITED(status) && WEXITSTATUS(status) == 23, "its exit status comes back");
    check_equal(global, 1, "what it writes is its own");
}

static int child_descriptors(void *fd)
{
    lseek(*(int *)fd, 100, SEEK_SET);
    close(*(int *)fd);
    return chdir("/tmp") != 0;
}

static void test_descriptors(void)
{
    char before[100], after[100];
    int fd = open("fork", O_RDWR | O_CREAT | O_TRUNC, 0600);

    check(getcwd(before, sizeof(before)) != NULL, "getcwd");
    child_run(child_descriptors, &fd);
    check_equal(lseek(fd, 0, SEEK_CUR), 100, "the file position is shared with the child");
    check(write(fd, "x", 1) == 1, "the child's close is its own");
    check(getcwd(after, sizeof(after)) && strcmp(before, after) == 0,
          "its working directory too");
    close(fd);
    unlink("fork");
}

static void on_signal(int signal)
{
    told[2] = signal;
}

static int child_signals(void *unused)
{
    sigset_t pending;

    (void)unused;
    sigpending(&pending);
    if (sigismember(&pending, SIGUSR2))
        return 1;
    raise(SIGUSR1);
    return told[2] != SIGUSR1;
}

static void test_signals(void)
{
    sigset_t mask, before;

    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_BLOCK, &mask, &before);
    signal(SIGUSR1, on_signal);
    signal(SIGUSR2, on_signal);
    raise(SIGUSR2);
    check_equal(child_run(child_signals, NULL), 0,
                "handlers are inherited, pending signals are not");
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void test_many(void)
{
    pid_t children[20];
    int right = 0;

    for (int i = 0; i < 20; i++)
        if ((children[i] = fork()) == 0)
            _exit(i);
    for (int i = 19; i >= 0; i--)
        right += WEXITSTATUS(child_wait(children[i])) == i;
    check_equal(right, 20, "twenty children at once, each with its own status");
}

static void test_vfork(void)
{
    static volatile int seen;
    pid_t parent = getpid();
    pid_t child = vfork();

    if (child == 0) {
        seen = 1; /* the parent's own memory, while it waits */
        _exit(getppid() == parent ? 9 : 8);
    }
    check_equal(seen, 1, "after vfork the child runs first, in the parent's memory");
    check_equal(WEXITSTATUS(child_wait(child)), 9, "and ends on its own");
}

/* --- A vfork whose parent is killed ----------------------------------------------------------- */

enum { CHILD, WENT_ON }; /* told */

/* The child waits for a byte. */
static int vfork_held(void *end)
{
    char byte;
    pid_t child = vfork();

    if (child == 0) {
        told[CHILD] = getpid();
        _exit(read(*(int *)end, &byte, 1) == 1 ? 0 : 1);
    }
    told[WENT_ON] = 1;
    return WEXITSTATUS(child_wait(child));
}

static pid_t vfork_held_start(int *end)
{
    told[CHILD] = told[WENT_ON] = 0;
    pid_t parent = child_start(vfork_held, end);
    while (told[CHILD] == 0)
        usleep(1000);
    return parent;
}

/* The next one to wait like that may have been given the memory of who was killed. */
static void test_vfork_killed(void)
{
    int first[2], second[2];

    if (pipe(first) != 0 || pipe(second) != 0)
        bail("pipe");
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t killed = vfork_held_start(&first[0]);
    pid_t orphan = (pid_t)told[CHILD];
    kill(killed, SIGKILL);
    check_equal(child_wait(killed), SIGKILL,
                "who waits for its vforked child can be killed");
    pid_t next = vfork_held_start(&second[0]);
    check(write(first[1], "x", 1) == 1 && child_wait(orphan) == 0,
          "its child goes on by itself");
    usleep(20000);
    check_equal(told[WENT_ON], 0, "and its end is nobody else's");
    check(write(second[1], "x", 1) == 1 && child_wait(next) == 0 && told[WENT_ON],
          "who waits for another");
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    for (int i = 0; i < 2; i++) {
        close(first[i]);
        close(second[i]);
    }
}

static void test_vfork_exec(void)
{
    pid_t child = vfork();

    if (child == 0) {
        execl("/proc/self/exe", "fork", "exit-5", NULL);
        execl("/test/fork", "fork", "exit-5", NULL);
        _exit(99);
    }
    check_equal(WEXITSTATUS(child_wait(child)), 5, "vfork and exec");
}

static void test_clone(void)
{
    static volatile int seen;
    long child = raw6(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0, 0);

    if (child == 0) {
        seen = 1;
        raw3(SYS_exit, 3, 0, 0);
    }
    check(seen == 1 && WEXITSTATUS(child_wait(child)) == 3, "clone as vfork");
    child = raw6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child == 0)
        raw3(SYS_exit_group, 4, 0, 0);
    check_equal(WEXITSTATUS(child_wait(child)), 4, "clone as fork");
}

static int mask_is_inherited(void)
{
    sigset_t blocked, pending;

    sigprocmask(SIG_BLOCK, NULL, &blocked);
    sigpending(&pending);
    return !sigismember(&blocked, SIGUSR1) || sigismember(&blocked, SIGUSR2) ||
           sigismember(&pending, SIGUSR1);
}

static void test_mask(void)
{
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    sigprocmask(SIG_BLOCK, &one, NULL);
    raise(SIGUSR1);
    pid_t child = (pid_t)raw3(SYS_fork, 0, 0, 0); /* the library sets the child's anew */
    if (child == 0)
        _exit(mask_is_inherited());
    check_equal(child_wait(child), 0,
                "a child blocks what its parent does, and nothing waits for it");
    signal(SIGUSR1, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    signal(SIGUSR1, SIG_DFL);
}

static int privileges_are_new(void *argument)
{
    (void)argument;
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static int privileges_renounce(void *argument)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return 2;
    return WEXITSTATUS(child_run(privileges_are_new, argument));
}

static void test_privileges(void)
{
    check_equal(WEXITSTATUS(child_run(privileges_are_new, NULL)), 0,
                "a child may be given privileges");
    check_equal(WEXITSTATUS(child_run(privileges_renounce, NULL)), 1,
                "but one whose parent may not (no_new_privs)");
}

enum { PAGE = 4096 };

/* Lines of /proc/self/maps within so many pages. */
static int lines_within(const char *start, long pages)
{
    FILE *file = fopen("/proc/self/maps", "r");
    char line[512];
    int count = 0;

    while (fgets(line, sizeof(line), file)) {
        char *behind;
        uintptr_t first = strtoul(line, &behind, 16), end = strtoul(behind + 1, NULL, 16);
        count += end > (uintptr_t)start && first < (uintptr_t)start + pages * PAGE;
    }
    fclose(file);
    return count;
}

static int map_beside(void *at)
{
    mmap((char *)at + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return lines_within(at, 3);
}

/* What is mapped beside memory that says the same is one region with it; but not beside memory that
 * came from the parent. */
static void test_regions(void)
{
    char *at = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    munmap(at + 2 * PAGE, PAGE);
    mprotect(at, 2 * PAGE, PROT_READ | PROT_WRITE);
    *at = 1;
    check_equal(WEXITSTATUS(child_run(map_beside, at)), 2,
                "beside memory that it has from its parent a child's is another region");
    check_equal(map_beside(at), 1, "the parent's is one with it");
    munmap(at, 3 * PAGE);
}

int main(int argc, char *argv[])
{
    if (argc > 1 && strcmp(argv[1], "exit-5") == 0)
        return 5;
    told = shared_page();
    test_identity();
    test_descriptors();
    test_signals();
    test_many();
    test_vfork();
    test_vfork_exec();
    test_vfork_killed();
    test_clone();
    test_mask();
    test_privileges();
    test_regions();
    return tap_end();
}
