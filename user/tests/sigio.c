/* sigio.c - files that tell by a signal that they can be read, or written: whom, by which signal,
 * and what it says (F_SETOWN, F_SETSIG, O_ASYNC). */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define OWN (SIGRTMIN + 3)

enum { IN = 0x41, OUT = 0x304 }; /* POLLIN, POLLRDNORM; POLLOUT, POLLWRNORM, POLLWRBAND */

static int ends[2];
static char byte[1];

static void ends_new(void)
{
    close(ends[0]), close(ends[1]);
    if (pipe(ends) != 0)
        bail("pipe");
}

static void tell_me(int fd, int signal)
{
    fcntl(fd, F_SETOWN, getpid());
    fcntl(fd, F_SETSIG, signal);
    fcntl(fd, F_SETFL, O_ASYNC);
}

/* Is one of them pending? It is taken then. */
static int told(int signal, siginfo_t *info)
{
    struct timespec now = {0, 0};
    sigset_t set;

    sigemptyset(&set), sigaddset(&set, signal);
    return sigtimedwait(&set, info, &now) == signal;
}

static void put(int fd)
{
    if (write(fd, byte, 1) != 1)
        bail("write");
}

/* --- Whom ------------------------------------------------------------------------------------ */

static void test_owner(void)
{
    struct f_owner_ex owner = {9, 9};

    check(fcntl(ends[0], F_GETOWN) == 0 && fcntl(ends[0], F_GETSIG) == 0,
          "nobody owns it, and the signal is SIGIO");
    check(fcntl(ends[0], F_SETOWN, getpid()) == 0 && fcntl(ends[0], F_GETOWN) == getpid(),
          "a process does");
    check(fcntl(ends[0], F_GETOWN_EX, &owner) == 0 && owner.type == F_OWNER_PID &&
              owner.pid == getpid(),
          "and what kind it is is told, too");
    raw3(SYS_fcntl, ends[0], F_SETOWN, -getpgrp());
    check(fcntl(ends[0], F_GETOWN_EX, &owner) == 0 && owner.type == F_OWNER_PGRP &&
              owner.pid == getpgrp(),
          "a group's number is below 0");
    check(fails(fcntl(ends[0], F_SETOWN, 999999), ESRCH), "nobody has that number");
    check_equal(raw3(SYS_fcntl, ends[0], F_SETOWN, INT_MIN), -EINVAL, "it is no number");
    owner.type = 3;
    check(fails(fcntl(ends[0], F_SETOWN_EX, &owner), EINVAL), "there is no such kind");
    check_equal(raw3(SYS_fcntl, ends[0], F_SETOWN_EX, 8), -EFAULT, "nothing is there");
    check(fails(fcntl(ends[0], F_SETSIG, 65), EINVAL), "there is no such signal");
    check(fcntl(ends[0], F_SETOWN, 0) == 0 && fcntl(ends[0], F_GETOWN) == 0,
          "it can be left to nobody again");
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    fcntl(ends[0], F_SETOWN, child);
    child_wait(child);
    check_equal(fcntl(ends[0], F_GETOWN), 0, "whom there is no more does not own it");
}

static void *listen_as_thread(void *unused)
{
    struct f_owner_ex owner = {F_OWNER_TID, raw3(SYS_gettid, 0, 0, 0)};

    ends_new();
    fcntl(ends[0], F_SETOWN_EX, &owner);
    fcntl(ends[0], F_SETSIG, OWN);
    fcntl(ends[0], F_SETFL, O_ASYNC);
    put(ends[1]);
    check(told(OWN, NULL), "a thread is told");
    put(ends[1]);
    return unused;
}

static int expect_told(void *unused)
{
    siginfo_t info;
    sigset_t set;

    (void)unused;
    sigemptyset(&set), sigaddset(&set, OWN);
    return sigwaitinfo(&set, &info) == OWN && info.si_fd == ends[0] ? 4 : 5;
}

static void test_others(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, listen_as_thread, NULL);
    pthread_join(thread, NULL);
    check(!told(OWN, NULL), "and no other");
    ends_new();
    pid_t child = child_start(expect_told, NULL);
    tell_me(ends[0], OWN);
    raw3(SYS_fcntl, ends[0], F_SETOWN, -getpgrp());
    put(ends[1]);
    check(told(OWN, NULL) && WEXITSTATUS(child_wait(child)) == 4, "of a group, each");
}

/* --- When, and what --------------------------------------------------------------------------- */

static void test_pipe(void)
{
    siginfo_t info;

    ends_new();
    tell_me(ends[0], 0);
    check_equal(fcntl(ends[0], F_GETFL), O_RDONLY | O_ASYNC, "F_GETFL tells it");
    check(!told(SIGIO, &info), "nothing has come");
    put(ends[1]);
    check(told(SIGIO, &info) && info.si_code == SI_KERNEL, "SIGIO: a byte has come");
    check(!told(SIGIO, &info), "which is told once");
    fcntl(ends[0], F_SETSIG, OWN);
    put(ends[1]), put(ends[1]);
    check(told(OWN, &info) && info.si_code == POLL_IN && info.si_fd == ends[0] &&
              info.si_band == IN,
          "a signal that was chosen tells where, and what");
    check(told(OWN, &info) && !told(OWN, &info), "each time");
    fcntl(ends[0], F_SETSIG, SIGCHLD);
    put(ends[1]);
    check(told(SIGCHLD, &info) && info.si_code == -5,
          "whose code would mean something else says SI_SIGIO");
    fcntl(ends[0], F_SETSIG, OWN);
    close(ends[1]);
    check(told(OWN, &info), "the end is told");
    ends_new();
    put(ends[1]), put(ends[1]);
    tell_me(ends[1], OWN);
    put(ends[1]);
    check(!told(OWN, &info), "who writes is not told of bytes");
    check(read(ends[0], byte, 1) == 1 && told(OWN, &info) && info.si_code == POLL_OUT &&
              info.si_band == OUT && info.si_fd == ends[1],
          "but of room");
    fcntl(ends[1], F_SETFL, 0);
    check(read(ends[0], byte, 1) == 1 && !told(OWN, &info),
          "until it does not ask any more");
}

static void test_sockets(void)
{
    siginfo_t info;

    close(ends[0]), close(ends[1]);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        bail("socketpair");
    tell_me(ends[0], OWN);
    put(ends[1]);
    check(told(OWN, &info) && info.si_code == POLL_IN && info.si_fd == ends[0],
          "a pair of sockets tells of bytes, too");
    int copy = dup(ends[0]);
    close(ends[0]);
    put(ends[1]);
    check(told(OWN, &info) && info.si_fd == ends[0],
          "the number is the one by which it was asked for");
    close(copy);
    check(write(ends[1], byte, 1) == -1 && !told(OWN, &info), "closed, it tells nobody");
}

static void test_asking(void)
{
    int file = open("sigio-file", O_RDWR | O_CREAT, 0600), event = eventfd(0, 0), on = 1;

    check(fcntl(file, F_SETFL, O_ASYNC) == 0 && !(fcntl(file, F_GETFL) & O_ASYNC),
          "a file with contents has nothing to tell, and keeps no O_ASYNC");
    check(fcntl(event, F_SETFL, O_ASYNC) == 0 && !(fcntl(event, F_GETFL) & O_ASYNC),
          "nor has a counter");
    check(fails(ioctl(file, FIOASYNC, &on), ENOTTY), "FIOASYNC says so");
    ends_new();
    tell_me(ends[0], OWN);
    fcntl(ends[0], F_SETFL, 0);
    check(ioctl(ends[0], FIOASYNC, &on) == 0 && (fcntl(ends[0], F_GETFL) & O_ASYNC),
          "by FIOASYNC it is asked for as well");
    put(ends[1]);
    check(told(OWN, NULL), "and told");
    fcntl(ends[0], F_SETOWN, 0);
    put(ends[1]);
    check(!told(OWN, NULL), "without an owner nobody is");
    close(file), close(event);
    unlink("sigio-file");
}

static void test_full(void)
{
    siginfo_t info;
    struct rlimit none, before;

    ends_new();
    tell_me(ends[0], OWN);
    getrlimit(RLIMIT_SIGPENDING, &before);
    none = (struct rlimit){0, before.rlim_max};
    setrlimit(RLIMIT_SIGPENDING, &none);
    put(ends[1]);
    setrlimit(RLIMIT_SIGPENDING, &before);
    check(!told(OWN, &info) && told(SIGIO, &info), "what cannot be kept is told by SIGIO");
}

static int be_told(void *unused)
{
    (void)unused;
    signal(SIGIO, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ends_new();
    tell_me(ends[0], 0);
    sigprocmask(SIG_SETMASK, &none, NULL);
    put(ends[1]);
    return 0;
}

int main(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGIO), sigaddset(&set, OWN), sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    setpgid(0, 0);
    ends_new();
    test_owner();
    test_others();
    sigtimedwait(&set, NULL, &(struct timespec){0, 0});
    test_pipe();
    test_sockets();
    test_asking();
    test_full();
    int status = child_run(be_told, NULL);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGIO,
          "whoever does not listen ends by it");
    return tap_end();
}
