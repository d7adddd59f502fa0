/* epoll-looks.c - a look at a set: its ways up to others, what changes meanwhile, and where what it
 * finds cannot be told. */
#define _GNU_SOURCE
#include "user/lib/tap.h"
#include "user/tests/epoll_set.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_ways(void)
{
    int leaf = eventfd(0, 0), low = epoll_create1(0), set, count, error = 0;

    add(low, leaf, EPOLLIN, 0);
    set = epoll_create1(0);
    for (count = 0; count < 600 && !error; count++)
        error = add(set, dup(low), EPOLLIN, 0);
    check(error == -EINVAL && count == 501, "500 ways of two sets up from a file");
    check_equal(told(set, 8), -1, "and looking at all of them does not take long");
    for (int fd = low + 1; fd < low + 700; fd++)
        close(fd);
    int from = low;
    for (int level = 0; level < 3; level++) {
        set = epoll_create1(0);
        for (count = 0, error = 0; count < 60 && !error; count++)
            error = add(set, dup(from), EPOLLIN, 0);
        from = set;
        if (error)
            break;
    }
    check_equal(error, -EINVAL, "longer ways are fewer");
    for (int fd = low; fd < 1024; fd++)
        close(fd);
}

/* --- A look at many, others running meanwhile ----------------------------------------------- */

struct changed {
    int set, fd;
    volatile bool over;
};

/* What is asked for, and the name, change together. */
static void *change_on(void *argument)
{
    struct changed *changed = argument;

    for (int name = 1; !changed->over; name = 3 - name)
        change(changed->set, EPOLL_CTL_MOD, changed->fd, name == 1 ? EPOLLIN : EPOLLOUT,
               name);
    return NULL;
}

static void test_changed_meanwhile(void)
{
    enum { MANY = 900, LOOKS = 2000 };
    int ends[2], event = eventfd(1, 0), wrong = 0, seen = 0;
    struct changed changed = {.set = epoll_create1(0)};
    struct epoll_event found[64];
    pthread_t thread;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || write(ends[1], "x", 1) != 1)
        bail("socketpair");
    changed.fd = ends[0];
    add(changed.set, ends[0], EPOLLIN, 1);
    for (int i = 0; i < MANY; i++)
        add(changed.set, dup(event), EPOLLIN, 0);
    pthread_create(&thread, NULL, change_on, &changed);
    for (int look = 0; look < LOOKS; look++) {
        int count = epoll_wait(changed.set, found, 64, -1);
        for (int i = 0; i < count; i++) {
            seen += found[i].data.fd != 0;
            wrong += found[i].events != (found[i].data.fd == 2 ? EPOLLOUT : EPOLLIN);
        }
    }
    changed.over = true;
    pthread_join(thread, NULL);
    check(seen > 0 && wrong == 0,
          "an entry that is changed during a look is told as it was or as it is");
    for (int fd = ends[0]; fd < 1024; fd++)
        close(fd);
    close(event);
    close(changed.set);
}

static void test_fault(unsigned how, const char *what)
{
    char *memory =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct epoll_event *last = (void *)(memory + 4096 - 2 * sizeof(*last));
    int set = epoll_create1(0);

    mprotect(memory + 4096, 4096, PROT_NONE);
    for (int i = 1; i <= 4; i++)
        add(set, eventfd(1, 0), EPOLLIN | how, i);
    check(epoll_wait(set, (void *)(memory + 4096), 4, 0) == -1 && errno == EFAULT,
          "%s: no room for any", what);
    check(epoll_wait(set, last, 4, 0) == 2 && last[0].data.fd == 1 && last[1].data.fd == 2,
          "%s: room for two of four: these are told", what);
    int rest = told(set, 2);
    check(rest == 34, "%s: the others are told then", what);
    check_equal(told(set, 8), how ? -1 : 1234, "%s: and what is told is told", what);
    for (int fd = set; fd < set + 5; fd++)
        close(fd);
}

/* Where no user memory can be, nothing is waited for. */
static void test_no_memory_there(void)
{
    struct epoll_event *kernel = (void *)0xffff800000000000;
    int set = epoll_create1(0), file = open("/tmp", O_RDONLY);

    check(fails(epoll_wait(set, kernel, 1, 0), EFAULT),
          "nothing ready, and no room: EFAULT");
    check(fails(epoll_wait(set, (void *)0x7fffffffe000, 1000, 0), EFAULT), "for all");
    check(fails(epoll_wait(file, kernel, 1, 0), EFAULT), "before it is looked what it is");
    check(fails(epoll_wait(file, kernel, 0, 0), EINVAL), "but after the number");
    check(fails(epoll_wait(-1, kernel, 1, 0), EBADF), "and after the descriptor");
    close(set), close(file);
}

static void test_faults(void)
{
    test_fault(0, "levels");
    test_fault(EPOLLET, "edges");
    test_fault(EPOLLONESHOT, "once");
    test_no_memory_there();
}

int main(void)
{
    test_ways();
    test_changed_meanwhile();
    test_faults();
    return tap_end();
}
