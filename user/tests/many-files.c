/* many-files.c - a table of open files grows with the limit: 1,024 at first, 65,536 at most. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 65536l /* Faultline's; elsewhere what may be had, up to that */

static long most = MOST;

/* Numbers to look at, all over the table. */
static int high(void)
{
    return most - 100;
}

static int middle(void)
{
    return most / 2;
}

static int closing(void)
{
    return most / 4 * 3;
}

/* Copies of descriptor 0 until there are no more numbers; the last one. */
static int fill(void)
{
    int last = -1, fd;
    while ((fd = dup(0)) >= 0)
        last = fd;
    check_equal(errno, EMFILE, "the next number is refused: EMFILE");
    return last;
}

static int is_whole(void *argument)
{
    (void)argument;
    for (int fd = 3; fd < most; fd++)
        if (fcntl(fd, F_GETFD) != (fd == closing() ? FD_CLOEXEC : 0))
            return 1;
    close(middle());
    return dup(0) == middle() ? 0 : 2;
}

static void test_holes(void)
{
    close(high()), close(500), close(middle());
    check_equal(fcntl(0, F_DUPFD, 501), middle(),
                "F_DUPFD: the lowest free from a number on");
    check_equal(dup(0), 500, "dup: the lowest free of all");
    check_equal(dup(0), high(), "then the next");
    check(fails(dup(0), EMFILE), "then none");
}

static void test_limits(struct rlimit limit)
{
    struct pollfd *asked = calloc(most, sizeof(*asked));
    fd_set none;
    for (long i = 0; i < most; i++)
        asked[i] = (struct pollfd){.fd = -1};
    asked[most - 1] = (struct pollfd){.fd = most - 1, .events = POLLIN};
    check(poll(asked, most, 0) >= 0 && !(asked[most - 1].revents & POLLNVAL),
          "poll looks at as many as the limit allows");
    FD_ZERO(&none);
    check_equal(select(1024, &none, NULL, NULL, &(struct timeval){0}), 0,
                "select at 1,024");
    limit.rlim_cur = 100;
    setrlimit(RLIMIT_NOFILE, &limit);
    check(fails(poll(asked, most, 0), EINVAL), "poll of more than the limit: EINVAL");
    check(fcntl(closing(), F_GETFD) >= 0, "what is open above a lowered limit stays open");
    check(fails(fcntl(0, F_DUPFD, 100), EINVAL), "F_DUPFD at the limit: EINVAL");
    check(fails(dup2(0, 100), EBADF), "dup2 at the limit: EBADF");
    limit.rlim_max = 1ul << 31; /* Linux: nr_open, 1,048,576 at first */
    check(fails(setrlimit(RLIMIT_NOFILE, &limit), EPERM), "above nr_open: EPERM");
    free(asked);
}

int main(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (on_faultline())
        check(limit.rlim_cur == 1024 && (long)limit.rlim_max == MOST,
              "the limit is 1,024, and can be raised to 65,536");
    limit.rlim_cur = 1024;
    setrlimit(RLIMIT_NOFILE, &limit);
    check_equal(fill(), 1023, "files open up to the soft limit");
    most = limit.rlim_max < (rlim_t)MOST ? (long)limit.rlim_max : MOST;
    limit.rlim_cur = limit.rlim_max = most;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        bail("setrlimit");
    check_equal(fill(), most - 1, "and, the limit raised, up to the hard one");
    fcntl(closing(), F_SETFD, FD_CLOEXEC);
    check_equal(child_run(is_whole, NULL), 0, "fork copies the table whole");
    test_holes();
    fcntl(closing(), F_SETFD, FD_CLOEXEC);
    test_limits(limit);
    for (int fd = 3; fd < most; fd++)
        close(fd);
    check_equal(dup(0), 3, "all closed, the lowest is given again");
    return tap_end();
}
