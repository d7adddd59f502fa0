/* epoll.c - which files a set tells, in which order, and when again: levels, edges, sets within
 * sets. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"
#include "user/tests/epoll_set.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXCLUSIVE (1u << 28)

static char bytes[65536];

static int pipe_new(int ends[2])
{
    if (pipe2(ends, O_NONBLOCK) != 0)
        bail("pipe2");
    return ends[0];
}

static void test_edges_of_bytes(void)
{
    int ends[2], set = epoll_create1(0);

    add(set, pipe_new(ends), EPOLLIN | EPOLLET, 1);
    check_equal(told(set, 8), -1, "an edge: nothing has come yet");
    write(ends[1], bytes, 100);
    check_equal(told(set, 8), 1, "bytes have come");
    check_equal(told(set, 8), -1, "nothing new since");
    read(ends[0], bytes, 50);
    check_equal(told(set, 8), -1, "half of it read is nothing new");
    write(ends[1], bytes, 1);
    check_equal(told(set, 8), 1, "more came, though it was not empty");
    change(set, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 2);
    check_equal(told(set, 8), 2, "changed, it is told again");
    close(ends[1]);
    check_equal(told(set, 8), 2, "the writer's end is an edge");
    check_equal(told(set, 8), -1, "once");
    close(ends[0]), close(set);
}

static void test_edges_of_room(void)
{
    int ends[2], set = epoll_create1(0);

    pipe_new(ends);
    add(set, ends[1], EPOLLOUT | EPOLLET, 1);
    check_equal(told(set, 8), 1, "there is room");
    write(ends[1], bytes, 100);
    read(ends[0], bytes, 50);
    check_equal(told(set, 8), -1, "more room where there was some is no edge");
    while (write(ends[1], bytes, 4096) > 0)
        ;
    check_equal(told(set, 8), -1, "it is full");
    read(ends[0], bytes, 4096);
    check_equal(told(set, 8), 1, "room again is an edge");
    read(ends[0], bytes, 4096);
    check_equal(told(set, 8), -1, "once");
    close(ends[0]), close(ends[1]), close(set);
}

/* Room that comes of a larger pipe; `looks`: who waits has seen that there was none. */
static void test_edges_of_size(bool looks)
{
    int ends[2], set = epoll_create1(0);

    pipe_new(ends);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);
    add(set, ends[1], EPOLLOUT | EPOLLET, 1);
    check_equal(told(set, 8), 1, "there is room in a small pipe");
    write(ends[1], bytes, 4096);
    if (looks)
        check_equal(told(set, 8), -1, "there is none");
    fcntl(ends[1], F_SETPIPE_SZ, 65536);
    check_equal(told(set, 8), 1, "a larger one has room again: an edge");
    check_equal(told(set, 8), -1, "once");
    fcntl(ends[1], F_SETPIPE_SZ, 32768);
    check_equal(told(set, 8), 1, "another size is one, too");
    close(ends[0]), close(ends[1]), close(set);
}

/* Bytes are nothing new to who waits for room alone. */
static void test_edges_unasked(void)
{
    int pair[2], set = epoll_create1(0);

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        bail("socketpair");
    add(set, pair[0], EPOLLOUT | EPOLLET, 1);
    check_equal(told(set, 8), 1, "there is room in a socket");
    write(pair[1], bytes, 10);
    check_equal(told(set, 8), -1, "bytes that nobody asked for are no edge");
    change(set, EPOLL_CTL_MOD, pair[0], EPOLLRDNORM | EPOLLET, 2);
    check_equal(told(set, 8), 2, "EPOLLRDNORM asks for them");
    write(pair[1], bytes, 10);
    check_equal(told(set, 8), 2, "and for more of them");
    close(pair[0]), close(pair[1]), close(set);
}

/* A set that waits for bytes and for room, in a set. */
static void test_nested_room(bool looks)
{
    int pair[2], inner = epoll_create1(0), outer = epoll_create1(0);

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
        bail("socketpair");
    add(inner, pair[0], EPOLLIN | EPOLLOUT, 1);
    add(outer, inner, EPOLLIN | EPOLLET, 2);
    check_equal(told(outer, 8), 2, "one in the inner set has room");
    while (write(pair[0], bytes, 4096) > 0)
        ;
    if (looks)
        check_equal(told(outer, 8), -1, "it has none");
    while (read(pair[1], bytes, sizeof(bytes)) > 0)
        ;
    check_equal(told(outer, 8), 2, "room again is an edge for the outer set, too");
    check_equal(told(outer, 8), -1, "once");
    close(pair[0]), close(pair[1]), close(inner), close(outer);
}

/* A set that gets a file which has something already, or another wish about it; `looks`
 * as above. */
static void test_nested_asked(bool looks)
{
    int ends[2], other[2], inner = epoll_create1(0), outer = epoll_create1(0);

    add(inner, pipe_new(ends), EPOLLIN, 1);
    pipe_new(other);
    write(other[1], bytes, 1);
    write(ends[1], bytes, 1);
    add(outer, inner, EPOLLIN | EPOLLET, 2);
    check_equal(told(outer, 8), 2, "bytes in the inner set");
    read(ends[0], bytes, 1);
    if (looks)
        check_equal(told(outer, 8), -1, "are read");
    add(inner, ends[1], 0, 3);
    check_equal(told(outer, 8), -1, "a file about which nothing is asked is no edge");
    add(inner, other[0], EPOLLIN, 4);
    check_equal(told(outer, 8), 2, "one that has bytes is");
    check_equal(told(outer, 8), -1, "once");
    change(inner, EPOLL_CTL_MOD, ends[1], EPOLLOUT, 3);
    check_equal(told(outer, 8), 2, "and asking for room where there is some");
    close(ends[0]), close(ends[1]), close(other[0]), close(other[1]);
    close(inner), close(outer);
}

static void test_edges_of_others(void)
{
    int set = epoll_create1(0), pair[2];
    int counter = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
    eventfd_t value;

    add(set, counter, EPOLLIN | EPOLLET, 1);
    eventfd_write(counter, 3);
    check_equal(told(set, 8), 1, "a counter has come up");
    eventfd_read(counter, &value);
    check_equal(told(set, 8), -1, "counted down, not to nothing: no edge");
    eventfd_write(counter, 1);
    check_equal(told(set, 8), 1, "counted up: one");
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    add(set, pair[0], EPOLLIN | EPOLLET, 2);
    write(pair[1], bytes, 10);
    check_equal(told(set, 8), 2, "bytes for a socket");
    read(pair[0], bytes, 5);
    check_equal(told(set, 8), -1, "some left: no edge");
    close(counter), close(pair[0]), close(pair[1]), close(set);
}

static void test_order(void)
{
    int set = epoll_create1(0), ends[4][2];

    for (int i = 0; i < 4; i++)
        add(set, pipe_new(ends[i]), EPOLLIN, i);
    for (const char *next = "201"; *next; next++)
        write(ends[*next - '0'][1], bytes, 1);
    write(ends[2][1], bytes, 1);
    check_equal(told(set, 8), 201, "who was ready first is told first");
    check_equal(told(set, 8), 201, "and again");
    check_equal(told(set, 2), 20, "two of three");
    check_equal(told(set, 2), 12, "the next two begin with who was left out");
    check_equal(told(set, 2), 01, "in turn");
    write(ends[3][1], bytes, 1);
    check_equal(told(set, 2), 20, "a new one waits for its turn");
    check_equal(told(set, 2), 13, "which comes");
    int other = epoll_create1(0);
    add(other, ends[3][0], EPOLLIN, 3), add(other, ends[2][0], EPOLLIN, 2);
    check_equal(told(other, 8), 32, "who is ready when it is added, from then on");
    close(other);
    for (int i = 0; i < 4; i++)
        close(ends[i][0]), close(ends[i][1]);
    close(set);
}

/* Changed: who was told of comes behind those that wait, who waits stays where it is. */
static void test_order_changed(void)
{
    int set = epoll_create1(0), ends[3][2];
    const unsigned once = EPOLLIN | EPOLLONESHOT, edge = EPOLLIN | EPOLLET;

    for (int i = 0; i < 3; i++)
        add(set, pipe_new(ends[i]), i ? EPOLLIN : 0, i);
    for (int i = 0; i < 3; i++)
        write(ends[i][1], bytes, 1);
    change(set, EPOLL_CTL_MOD, ends[0][0], EPOLLIN, 0);
    check_equal(told(set, 8), 120, "asked for later than the others became ready");
    change(set, EPOLL_CTL_MOD, ends[1][0], EPOLLIN, 1);
    check_equal(told(set, 8), 120, "whose turn comes keeps it");
    for (int i = 0; i < 3; i++)
        change(set, EPOLL_CTL_MOD, ends[i][0], edge, i);
    check_equal(told(set, 8), 120, "as an edge, too");
    for (int i = 2; i >= 0; i--)
        change(set, EPOLL_CTL_MOD, ends[i][0], once, i);
    check_equal(told(set, 8), 210, "told edges: as they are changed");
    change(set, EPOLL_CTL_MOD, ends[1][0], once, 1);
    change(set, EPOLL_CTL_MOD, ends[2][0], once, 2);
    change(set, EPOLL_CTL_MOD, ends[0][0], once, 0);
    check_equal(told(set, 8), 120, "told once: likewise");
    for (int i = 0; i < 3; i++)
        close(ends[i][0]), close(ends[i][1]);
    close(set);
}

static void test_one_shot(void)
{
    int ends[2], set = epoll_create1(0);

    add(set, pipe_new(ends), EPOLLIN | EPOLLET | EPOLLONESHOT, 1);
    write(ends[1], bytes, 1);
    check_equal(told(set, 8), 1, "a one-shot is told");
    write(ends[1], bytes, 1);
    check_equal(told(set, 8), -1, "and then not, whatever comes");
    change(set, EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 3);
    check_equal(told(set, 8), 3, "until it is loaded again");
    close(ends[0]), close(ends[1]), close(set);
}

static void test_nested(void)
{
    int ends[2], inner = epoll_create1(0), outer = epoll_create1(0);

    add(inner, pipe_new(ends), EPOLLIN, 1);
    check_equal(add(outer, inner, EPOLLIN | EPOLLET, 2), 0, "a set in a set");
    check_equal(told(outer, 8), -1, "with nothing to tell");
    write(ends[1], bytes, 1);
    check_equal(told(outer, 8), 2, "what is ready within is ready");
    check_equal(told(outer, 8), -1, "an edge of it, once");
    write(ends[1], bytes, 1);
    check_equal(told(outer, 8), 2, "more came within");
    check_equal(told(inner, 8), 1, "the inner set tells for itself");
    change(outer, EPOLL_CTL_MOD, inner, EPOLLIN, 2);
    read(ends[0], bytes, 2);
    check_equal(told(outer, 8), -1, "nothing within is ready any more");
    close(ends[0]), close(ends[1]), close(inner), close(outer);
}

static void test_deep(void)
{
    int down[7], up[7];

    for (int i = 0; i < 7; i++)
        down[i] = epoll_create1(0), up[i] = epoll_create1(0);
    for (int i = 0; i < 4; i++)
        add(down[i], down[i + 1], EPOLLIN, 0), add(up[5 - i], up[6 - i], EPOLLIN, 0);
    check_equal(add(down[4], down[5], EPOLLIN, 0), -ELOOP, "a sixth set below");
    check_equal(add(up[1], up[2], EPOLLIN, 0), -ELOOP, "a sixth set above");
    check_equal(add(down[5], down[6], EPOLLIN, 0), 0, "two others are no part of that");
    check_equal(add(down[2], down[0], EPOLLIN, 0), -ELOOP, "a ring");
    check_equal(add(down[0], down[0], EPOLLIN, 0), -EINVAL, "a set in itself");
    for (int i = 0; i < 7; i++)
        close(down[i]), close(up[i]);
}

/* An error, and the other end's going, are told whatever is asked for. */
static void test_unasked(void)
{
    int ends[2], set = epoll_create1(0);

    add(set, pipe_new(ends), 0, 1);
    write(ends[1], bytes, 1);
    check_equal(told(set, 8), -1, "nothing is asked: bytes are not told");
    close(ends[1]);
    check_equal(told(set, 8), 1, "that the writer has gone is");
    change(set, EPOLL_CTL_MOD, ends[0], EPOLLONESHOT, 2);
    check_equal(told(set, 8), 2, "by a one-shot, too");
    check_equal(told(set, 8), -1, "once");
    close(ends[0]), close(set);
}

/* One file under two numbers is two entries. */
static void test_two_numbers(void)
{
    int ends[2], set = epoll_create1(0), other = dup(pipe_new(ends));

    add(set, ends[0], EPOLLIN, 1);
    add(set, other, EPOLLIN, 2);
    write(ends[1], bytes, 1);
    check_equal(told(set, 8), 21, "of two numbers of a file the newer entry is told first");
    check_equal(told(set, 1), 2, "then they take turns");
    check_equal(told(set, 1), 1, "as others do");
    close(ends[0]);
    check_equal(told(set, 8), 21, "one number is closed: the file is open still");
    check_equal(change(set, EPOLL_CTL_DEL, ends[0], 0, 0), -EBADF,
                "and what has no number cannot be taken out");
    close(other);
    check_equal(told(set, 8), -1, "until the last is closed");
    close(ends[1]), close(set);
}

/* A set is ready when there is something that it would tell. */
static void test_nested_edges(void)
{
    struct pollfd asked;
    int ends[2], inner = epoll_create1(0), outer = epoll_create1(0);

    add(inner, pipe_new(ends), EPOLLIN | EPOLLET, 1);
    add(outer, inner, EPOLLIN | EPOLLET, 2);
    asked = (struct pollfd){.fd = inner, .events = POLLIN};
    write(ends[1], bytes, 1);
    check_equal(poll(&asked, 1, 0), 1, "an edge within: the set is ready");
    check_equal(told(outer, 8), 2, "which is an edge");
    check_equal(told(inner, 8), 1, "the inner set tells its own");
    check_equal(poll(&asked, 1, 0), 0, "and is not ready any more, whatever is unread");
    write(ends[1], bytes, 1);
    check_equal(told(inner, 8), 1, "more came");
    check_equal(told(outer, 8), -1, "and has been told when the outer set is asked");
    close(ends[0]), close(ends[1]), close(inner), close(outer);
}

/* Half of a socket is closed: the end can be read, and the other half goes on. */
static void test_half_closed(void)
{
    int pair[2], set = epoll_create1(0);
    struct epoll_event found;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        bail("socketpair");
    add(set, pair[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1);
    check(epoll_wait(set, &found, 1, 0) == 1 && found.events == EPOLLOUT, "there is room");
    shutdown(pair[1], SHUT_WR);
    check(epoll_wait(set, &found, 1, 0) == 1 &&
              found.events == (EPOLLIN | EPOLLOUT | EPOLLRDHUP),
          "no more will come");
    check_equal(told(set, 1), -1, "told once");
    close(pair[1]);
    check(epoll_wait(set, &found, 1, 0) == 1 &&
              found.events == (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLHUP),
          "nor is anything read any more");
    check_equal(told(set, 1), -1, "told once, too");
    close(pair[0]), close(set);
}

/* A write that fails brings nothing, whether it is told (once) or not. */
static void test_failed_write(void)
{
    int ends[2], set = epoll_create1(0);
    char *memory =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    mprotect(memory + 4096, 4096, PROT_NONE);
    add(set, pipe_new(ends), EPOLLIN | EPOLLET, 1);
    write(ends[1], bytes, 1);
    told(set, 1);
    check(write(ends[1], memory + 4096, 1) == -1 && errno == EFAULT, "nothing is written");
    told(set, 1);
    check_equal(told(set, 1), -1, "and no edge is told more than once");
    check(write(ends[1], bytes, 1) == 1 && told(set, 1) == 1, "the next is one");
    check_equal(told(set, 1), -1, "told once");
    close(ends[0]), close(ends[1]), close(set);
}

static void test_exclusive(void)
{
    int ends[2], set = epoll_create1(0), other = epoll_create1(0);

    check_equal(add(set, pipe_new(ends), EPOLLIN | EXCLUSIVE, 1), 0, "EPOLLEXCLUSIVE");
    check_equal(change(set, EPOLL_CTL_MOD, ends[0], EPOLLIN, 1), -EINVAL,
                "an exclusive entry is not changed");
    check_equal(add(set, ends[1], EPOLLOUT | EPOLLONESHOT | EXCLUSIVE, 1), -EINVAL,
                "exclusive and one-shot");
    check_equal(add(set, other, EPOLLIN | EXCLUSIVE, 1), -EINVAL, "an exclusive set");
    check_equal(add(set, ends[0], EPOLLIN, 1), -EEXIST, "twice the same");
    check_equal(add(set, ends[0], EPOLLONESHOT | EXCLUSIVE, 1), -EINVAL,
                "what cannot be asked comes before that it is there");
    check_equal(change(set, EPOLL_CTL_MOD, ends[1], EPOLLIN | EXCLUSIVE, 1), -EINVAL,
                "and before that it is not");
    check_equal(change(set, EPOLL_CTL_DEL, ends[1], 0, 0), -ENOENT, "what is not in it");
    check_equal(add(set, 999, EPOLLIN, 1), -EBADF, "what is not open");
    int file = open("/tmp", O_RDONLY);
    check_equal(add(set, file, EPOLLIN, 1), -EPERM, "what is always ready");
    close(file), close(ends[0]), close(ends[1]), close(set), close(other);
}

/* Many wait for the same edge, each in a set of its own. */
static int wait_alone(void *pipe)
{
    struct epoll_event found;
    int set = epoll_create1(0);

    add(set, *(int *)pipe, EPOLLIN | EPOLLET | EXCLUSIVE, 1);
    return epoll_wait(set, &found, 1, -1) == 1 ? 7 : 8;
}

static void test_one_woken(void)
{
    enum { WAITERS = 4 };
    int ends[2], reader = pipe_new(ends), status;

    for (int i = 0; i < WAITERS; i++)
        child_start(wait_alone, &reader);
    usleep(100000);
    for (int i = 0; i < WAITERS; i++) {
        write(ends[1], bytes, 1);
        usleep(100000);
        int ended = 0;
        while (waitpid(-1, &status, WNOHANG) > 0)
            ended += WEXITSTATUS(status) == 7;
        check_equal(ended, 1, "an edge wakes one of those who wait alone, and no more");
        read(ends[0], bytes, 1);
    }
    close(ends[0]), close(ends[1]);
}

int main(void)
{
    test_unasked();
    test_two_numbers();
    test_nested_edges();
    test_half_closed();
    test_failed_write();
    test_edges_of_bytes();
    test_edges_of_room();
    test_edges_unasked();
    test_edges_of_size(true);
    test_edges_of_size(false);
    test_nested_asked(true);
    test_nested_asked(false);
    test_nested_room(true);
    test_nested_room(false);
    test_edges_of_others();
    test_order();
    test_order_changed();
    test_one_shot();
    test_nested();
    test_deep();
    test_exclusive();
    test_one_woken();
    return tap_end();
}
