/* path-only.c - what O_PATH opens is a name: it can be told of, copied and begun from, and nothing
 * can be done with what it names, be that a pipe that nobody has opened. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* A call with up to five arguments: what came back, -errno. */
static long call(long number, long a, long b, long c, long d, long e)
{
    return raw6(number, a, b, c, d, e, 0);
}

static void test_told_of(int fd)
{
    struct statfs file_system;
    struct stat status;

    check_equal(fcntl(fd, F_GETFL), O_PATH, "it says what it is");
    check(fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode), "and what it names");
    check_equal(call(SYS_fstatfs, fd, (long)&file_system, 0, 0, 0), 0, "and where that is");
    check_equal(call(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC, 0, 0), 0, "closed by exec");
    check_equal(call(SYS_fcntl, fd, F_GETFD, 0, 0, 0), FD_CLOEXEC, "as it was told");
    check_equal(call(SYS_dup2, fd, 60, 0, 0, 0), 60, "copied");
    check_equal(call(SYS_fcntl, fd, F_DUPFD, 70, 0, 0), 70, "in either way");
    close(60), close(70);
}

static void test_not_worked_with(int fd)
{
    static const int commands[] = {F_SETFL, F_GETPIPE_SZ, F_SETPIPE_SZ, F_GET_SEALS,
                                   F_GETLK};
    struct pollfd poll_one = {.fd = fd, .events = POLLIN};
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(0), pipe_size = 4096;
    fd_set set;
    char byte = 0;

    check(poll(&poll_one, 1, 0) == 1 && poll_one.revents == POLLNVAL, "poll: no file");
    FD_ZERO(&set);
    FD_SET(fd, &set);
    check(select(fd + 1, NULL, NULL, &set, &(struct timeval){0}) == 1 && FD_ISSET(fd, &set),
          "select: nothing to wait for");
    check_equal(call(SYS_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, (long)&event, 0), -EBADF,
                "epoll_ctl");
    for (unsigned i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        check_equal(call(SYS_fcntl, fd, commands[i], pipe_size, 0, 0), -EBADF, "fcntl");
    check_equal(call(SYS_read, fd, (long)&byte, 1, 0, 0), -EBADF, "read");
    check_equal(call(SYS_write, fd, (long)&byte, 1, 0, 0), -EBADF, "write");
    check_equal(call(SYS_lseek, fd, 0, 0, 0, 0), -EBADF, "lseek");
    check_equal(call(SYS_ioctl, fd, FIONREAD, (long)&byte, 0, 0), -EBADF, "ioctl");
    check_equal(call(SYS_fsync, fd, 0, 0, 0, 0), -EBADF, "fsync");
    check_equal(call(SYS_syncfs, fd, 0, 0, 0, 0), -EBADF, "syncfs");
    check_equal(call(SYS_flock, fd, 1, 0, 0, 0), -EBADF, "flock");
    check_equal(call(SYS_ftruncate, fd, 0, 0, 0, 0), -EBADF, "ftruncate");
    check_equal(call(SYS_fadvise64, fd, 0, 0, 0, 0), -EBADF, "fadvise");
    check_equal(call(SYS_fchown, fd, 0, 0, 0, 0), -EBADF, "fchown");
    check_equal(call(SYS_utimensat, fd, 0, 0, 0, 0), -EBADF, "futimens");
    check_equal(call(SYS_getdents64, fd, (long)&byte, 1, 0, 0), -EBADF, "getdents");
    check(mmap(0, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED && errno == EBADF,
          "mmap");
    close(epoll);
}

static void test_begun_from(void)
{
    int folder = open(".", O_PATH | O_DIRECTORY);

    check_equal(call(SYS_openat, folder, (long)"no such name", 0, 0, 0), -ENOENT,
                "a path begins at it");
    check_equal(call(SYS_fchdir, folder, 0, 0, 0, 0), 0, "and the process may be there");
    close(folder);
}

/* A link, opened itself, is no program, whatever it leads to. */
static void test_link(void)
{
    char path[40];

    unlink("path-link");
    if (symlink("/proc/self/exe", "path-link") != 0)
        bail("symlink");
    int link = open("path-link", O_PATH | O_NOFOLLOW);
    check_equal(call(SYS_execveat, link, (long)"", 0, 0, AT_EMPTY_PATH), -ELOOP,
                "a link itself does not run: ELOOP");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", link);
    check_equal(call(SYS_chmod, (long)path, 0600, 0, 0, 0), -EOPNOTSUPP,
                "nor has it rights to be changed");
    unlink("path-link");
    close(link);
}

int main(void)
{
    unlink("path-only");
    if (mkfifo("path-only", 0600) != 0)
        bail("mkfifo");
    int fd = open("path-only", O_PATH | O_NONBLOCK | O_WRONLY);
    test_told_of(fd);
    test_not_worked_with(fd);
    test_begun_from();
    test_link();
    unlink("path-only");
    return tap_end();
}
