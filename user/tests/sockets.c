/* sockets.c - pairs of sockets, and pipes: shutting one end down, calls that a handler cuts short,
 * memory that is not there. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096l

static int ends[2];
static char bytes[65536];

static void pair_new(void)
{
    close(ends[0]);
    close(ends[1]);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        bail("socketpair");
}

static void pause_briefly(void)
{
    nanosleep(&(struct timespec){0, 20000000}, NULL);
}

/* --- Shutting down ---------------------------------------------------------------------------- */

static int read_blocked(void *argument)
{
    (void)argument;
    return read(ends[0], bytes, 1) == 0 ? 0 : 1;
}

static int write_blocked(void *argument)
{
    (void)argument;
    while (write(ends[1], bytes, sizeof(bytes)) > 0)
        ;
    return errno == EPIPE ? 0 : 1;
}

static void test_shutdown(int how, int (*blocked)(void *), const char *what)
{
    pair_new();
    pid_t child = child_start(blocked, NULL);
    pause_briefly();
    check(shutdown(ends[0], how) == 0 && child_wait(child) == 0, "%s", what);
}

static void test_shut(void)
{
    signal(SIGPIPE, SIG_IGN);
    test_shutdown(SHUT_RD, read_blocked, "who waits for bytes is told the end by SHUT_RD");
    check(write(ends[1], "x", 1) == -1 && errno == EPIPE, "and its peer that nobody reads");
    check(write(ends[0], "y", 1) == 1 && read(ends[1], bytes, 9) == 1,
          "the other way goes on");
    test_shutdown(SHUT_RD, write_blocked, "who waits for room is told that nobody reads");
    pair_new();
    if (write(ends[1], "xyz", 3) != 3)
        bail("write");
    check(shutdown(ends[0], SHUT_RD) == 0 && read(ends[0], bytes, 9) == 3 &&
              read(ends[0], bytes, 9) == 0,
          "what had come before SHUT_RD is read, and then its end");
    pair_new();
    if (write(ends[0], "xyz", 3) != 3)
        bail("write");
    check(shutdown(ends[0], SHUT_WR) == 0 && read(ends[1], bytes, 9) == 3 &&
              read(ends[1], bytes, 9) == 0,
          "and so it is with SHUT_WR, at the other end");
    check(write(ends[0], "x", 1) == -1 && errno == EPIPE, "which is not written any more");
    check(shutdown(ends[0], SHUT_WR) == 0 && shutdown(ends[1], SHUT_RDWR) == 0,
          "it can be shut again");
}

static void poll_check(int end, int ready, const char *what)
{
    struct pollfd asked = {ends[end], POLLIN | POLLOUT | POLLRDHUP, 0};

    check(poll(&asked, 1, 0) >= 0 && asked.revents == ready, "%s: %#x", what,
          asked.revents);
}

static void test_ready(void)
{
    pair_new();
    poll_check(0, POLLOUT, "a new pair has room");
    shutdown(ends[1], SHUT_WR);
    poll_check(0, POLLIN | POLLOUT | POLLRDHUP, "the other end writes no more");
    poll_check(1, POLLOUT, "which it knows, and can still read");
    shutdown(ends[0], SHUT_WR);
    poll_check(0, POLLIN | POLLOUT | POLLRDHUP | POLLHUP, "nobody writes any more");
    pair_new();
    shutdown(ends[0], SHUT_RD);
    poll_check(0, POLLIN | POLLOUT | POLLRDHUP, "who has shut it reads the end");
    poll_check(1, POLLOUT, "its peer is not told before it writes");
    pair_new();
    close(ends[1]);
    poll_check(0, POLLIN | POLLOUT | POLLRDHUP | POLLHUP, "the other end is closed");
}

/* --- Closed with bytes that nobody has read --------------------------------------------------- */

static int close_later(void *argument)
{
    (void)argument;
    close(ends[0]);
    pause_briefly();
    return 0;
}

static int option(int name)
{
    int value = -1;
    socklen_t length = sizeof(value);
    return getsockopt(ends[0], SOL_SOCKET, name, &value, &length) == 0 ? value : -errno;
}

static void test_unread(void)
{
    const int hung_up = POLLIN | POLLOUT | POLLRDHUP | POLLHUP;

    pair_new();
    if (write(ends[0], "xyz", 3) != 3 || write(ends[1], "ab", 2) != 2)
        bail("write");
    close(ends[1]);
    poll_check(0, hung_up | POLLERR, "the other end is closed, and has not read all");
    check(read(ends[0], bytes, 9) == 2, "what it wrote is read");
    check(read(ends[0], bytes, 9) == -1 && errno == ECONNRESET, "then ECONNRESET");
    check(read(ends[0], bytes, 9) == 0, "then the end");
    poll_check(0, hung_up, "of an error it was told");
    pair_new();
    if (write(ends[0], "xyz", 3) != 3)
        bail("write");
    close(ends[1]);
    struct iovec piece = {bytes, 9};
    check(write(ends[0], "x", 1) == -1 && errno == EPIPE, "to write is EPIPE as ever");
    check(readv(ends[0], &piece, 1) == -1 && errno == ECONNRESET &&
              readv(ends[0], &piece, 1) == 0,
          "readv is told, too");
    pair_new();
    check(option(SO_ERROR) == 0 && option(SO_TYPE) == SOCK_STREAM, "no error yet");
    if (write(ends[0], "xyz", 3) != 3)
        bail("write");
    close(ends[1]);
    check(option(SO_ERROR) == ECONNRESET && option(SO_ERROR) == 0, "SO_ERROR tells it");
    check(read(ends[0], bytes, 9) == 0, "and it was told");
    pair_new();
    if (write(ends[0], "xyz", 3) != 3)
        bail("write");
    pid_t child = child_start(close_later, NULL);
    close(ends[1]);
    check(read(ends[0], bytes, 9) == -1 && errno == ECONNRESET, "and so is who waits");
    child_wait(child);
    pair_new();
    if (write(ends[0], "xyz", 3) != 3)
        bail("write");
    shutdown(ends[1], SHUT_RDWR);
    check(read(ends[0], bytes, 9) == 0, "an end that is only shut can still read them");
}

/* What poll tells of an end, of which half is shut, or all. */
static void test_polled(int how, short expected, const char *what)
{
    struct pollfd asked = {.events = 0x7fff};

    pair_new();
    if (how < 3)
        shutdown(ends[1], how);
    else
        close(ends[1]);
    asked.fd = ends[0];
    poll(&asked, 1, 0);
    if (!check(asked.revents == expected, "%s", what))
        note("%#x", asked.revents);
}

static void test_poll(void)
{
    const short room = POLLOUT | POLLWRNORM | POLLWRBAND,
                end = POLLIN | POLLRDNORM | POLLRDHUP;

    test_polled(SHUT_RD, room, "the peer's SHUT_RD: there is room, as before");
    test_polled(SHUT_WR, room | end, "SHUT_WR: the end can be read");
    test_polled(SHUT_RDWR, room | end | POLLHUP, "both: it has hung up");
    test_polled(3, room | end | POLLHUP, "and so when it is closed");
}

/* --- Handlers that ask for it have the call begun again ------------------------------- */

static void handler(int number)
{
    (void)number;
}

static int write_later(void *argument)
{
    (void)argument;
    nanosleep(&(struct timespec){0, 200000000}, NULL);
    return write(ends[1], "x", 1) == 1 ? 0 : 1;
}

static int drain_later(void *argument)
{
    (void)argument;
    nanosleep(&(struct timespec){0, 200000000}, NULL);
    while (recv(ends[1], bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
    return 0;
}

static void alarm_set(void)
{
    struct itimerval soon = {{0, 0}, {0, 50000}};

    setitimer(ITIMER_REAL, &soon, NULL);
}

static void test_restart(void)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

    sigaction(SIGALRM, &action, NULL);
    pair_new();
    pid_t child = child_start(write_later, NULL);
    alarm_set();
    check(recv(ends[0], bytes, 1, 0) == 1, "recv is begun again");
    child_wait(child);
    while (send(ends[0], bytes, 4096, MSG_DONTWAIT) > 0)
        ;
    child = child_start(drain_later, NULL);
    alarm_set();
    check(send(ends[0], "x", 1, 0) == 1, "send is begun again");
    child_wait(child);
}

/* --- Memory that is not there --------------------------------------------------------- */

/* `length` bytes, the last `missing` of which have no memory. */
static char *cut(size_t length, size_t missing)
{
    static char *memory;

    if (!memory) {
        memory = mmap(NULL, 6 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                      -1, 0);
        memset(memory, 'm', 5 * PAGE);
        mprotect(memory + 5 * PAGE, PAGE, PROT_NONE);
    }
    return memory + 5 * PAGE - (length - missing);
}

static long waiting(void)
{
    long count = 0, got;
    struct pollfd what = {ends[0], POLLIN, 0};

    while (poll(&what, 1, 0) == 1 && (got = read(ends[0], bytes, sizeof(bytes))) > 0)
        count += got;
    return count;
}

static void test_missing(const char *what)
{
    check(write(ends[1], cut(10, 7), 10) == -1 && errno == EFAULT && waiting() == 0,
          "%s: a few bytes, not all of which are there: none", what);
    if (write(ends[1], bytes, 2000) != 2000)
        bail("write");
    check(write(ends[1], cut(4096, 1), 4096) == -1 && errno == EFAULT && waiting() == 2000,
          "%s: nor on two pages", what);
    long got = write(ends[1], cut(3 * PAGE, 100), 3 * PAGE);
    check(got == waiting() || (got == -1 && errno == EFAULT), "%s: of many, what is said",
          what);
    check(write(ends[1], "x", 1) == 1 && waiting() == 1, "%s: and it goes on", what);
}

int main(void)
{
    test_shut();
    test_ready();
    test_poll();
    test_unread();
    test_restart();
    pair_new();
    test_missing("socket");
    if (pipe(ends) != 0)
        bail("pipe");
    test_missing("pipe");
    return tap_end();
}
