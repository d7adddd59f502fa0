/* epoll_set.h - short words for sets of epoll's, for the programs that try them. */
#ifndef USER_TESTS_EPOLL_SET_H
#define USER_TESTS_EPOLL_SET_H

#include <errno.h>
#include <sys/epoll.h>

static inline int change(int set, int how, int fd, unsigned events, int name)
{
    struct epoll_event event = {.events = events, .data.fd = name};

    return epoll_ctl(set, how, fd, &event) ? -errno : 0;
}

static inline int add(int set, int fd, unsigned events, int name)
{
    return change(set, EPOLL_CTL_ADD, fd, events, name);
}

/* The names of those that are told now, as decimal digits: 201 for 2, 0 and 1; -1: none. */
static inline int told(int set, int most)
{
    struct epoll_event found[8];
    int count = epoll_wait(set, found, most, 0), names = count > 0 ? 0 : -1;

    for (int i = 0; i < count; i++)
        names = names * 10 + found[i].data.fd;
    return names;
}

#endif
