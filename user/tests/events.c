/* events.c - files that can be waited for: timerfd, eventfd, epoll, socketpair; and news of
 * signals and children. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}

/* --- eventfd, timerfd ----------------------------------------------------------------- */

static long read_count(int fd)
{
    uint64_t count;

    return read(fd, &count, sizeof(count)) == sizeof(count) ? (long)count : -errno;
}

static int write_count(int fd, uint64_t count)
{
    return write(fd, &count, sizeof(count)) == sizeof(count) ? 0 : -errno;
}

static int add_later(void *argument)
{
    sleep_ms(20);
    return write_count(*(int *)argument, 6);
}

static void test_eventfd(void)
{
    int fd = eventfd(3, EFD_NONBLOCK);

    check(fd >= 0, "eventfd");
    check_equal(read_count(fd), 3, "holds what it began with");
    check_equal(read_count(fd), -EAGAIN, "and then nothing");
    write_count(fd, 4);
    write_count(fd, 5);
    check_equal(read_count(fd), 9, "adds up");
    check_equal(write_count(fd, UINT64_MAX), -EINVAL, "one number is too much");
    check_equal(write_count(fd, UINT64_MAX - 1), 0, "one less is not");
    check_equal(write_count(fd, 1), -EAGAIN, "full");
    char byte;
    check(read(fd, &byte, 1) == -1 && errno == EINVAL, "read in eights");
    close(fd);
    fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    check(read_count(fd) == 1 && read_count(fd) == 1 && read_count(fd) == -EAGAIN,
          "a semaphore counts down");
    close(fd);
    fd = eventfd(0, 0);
    pid_t child = child_start(add_later, &fd);
    check_equal(read_count(fd), 6, "a reader waits");
    check_equal(child_wait(child), 0, "for whoever writes");
    close(fd);
}

static void test_timerfd(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct itimerspec every = {{0, 10000000}, {0, 10000000}}, now;

    check(fd >= 0, "timerfd");
    check_equal(read_count(fd), -EAGAIN, "not set, never ready");
    timerfd_settime(fd, 0, &every, NULL);
    check_equal(read_count(fd), -EAGAIN, "not yet");
    sleep_ms(55);
    long count = read_count(fd);
    check(count >= 5 && count <= 7, "counts the times");
    timerfd_gettime(fd, &now);
    check(now.it_interval.tv_nsec == 10000000 && now.it_value.tv_nsec > 0,
          "tells its setting");
    struct pollfd poll_it = {fd, POLLIN, 0};
    check_equal(poll(&poll_it, 1, 1000), 1, "can be polled");
    fcntl(fd, F_SETFL, 0);
    check(read_count(fd) >= 1 && read_count(fd) >= 1, "and waited for");
    every = (struct itimerspec){{0, 0}, {0, 0}};
    timerfd_settime(fd, 0, &every, NULL);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    check_equal(read_count(fd), -EAGAIN, "stopped");
    every.it_value.tv_nsec = 1;
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &every, NULL);
    check_equal(read_count(fd), 1, "a time that has passed is over at once");
    close(fd);
}

/* --- epoll ---------------------------------------------------------------------------- */

static void test_epoll(void)
{
    int set = epoll_create1(0), ends[2], other[2];
    struct epoll_event event = {.events = EPOLLIN}, found[4];

    if (set < 0 || pipe(ends) != 0 || pipe(other) != 0)
        bail("epoll_create1");
    event.data.u32 = 11;
    check_equal(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event), 0, "a pipe in the set");
    check(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event) == -1 && errno == EEXIST, "once");
    check_equal(epoll_wait(set, found, 4, 0), 0, "not ready");
    check_equal(epoll_wait(set, found, 4, 20), 0, "not in time");
    (void)!write(ends[1], "x", 1);
    check(epoll_wait(set, found, 4, -1) == 1 && found[0].data.u32 == 11 &&
              found[0].events == EPOLLIN,
          "ready, with its data");
    check_equal(epoll_wait(set, found, 4, 0), 1, "and again, as long as it is");
    event.events = EPOLLIN | EPOLLET;
    epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event);
    check_equal(epoll_wait(set, found, 4, 0), 1, "an edge is told");
    check_equal(epoll_wait(set, found, 4, 0), 0, "once");
    (void)!write(ends[1], "y", 1);
    check_equal(epoll_wait(set, found, 4, 0), 1, "more is another");
    event.events = EPOLLIN | EPOLLONESHOT;
    epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event);
    check(epoll_wait(set, found, 4, 0) == 1 && epoll_wait(set, found, 4, 0) == 0,
          "one shot is one");
    event.events = EPOLLOUT;
    event.data.u32 = 22;
    epoll_ctl(set, EPOLL_CTL_ADD, other[1], &event);
    check(epoll_wait(set, found, 4, 0) == 1 && found[0].data.u32 == 22, "room to write");
    check_equal(epoll_ctl(set, EPOLL_CTL_DEL, other[1], NULL), 0, "taken out");
    check(epoll_ctl(set, EPOLL_CTL_DEL, other[1], NULL) == -1 && errno == ENOENT,
          "it is not in there");
    event.events = EPOLLIN;
    epoll_ctl(set, EPOLL_CTL_ADD, other[0], &event);
    close(other[1]);
    check(epoll_wait(set, found, 4, 0) == 1 && (found[0].events & EPOLLHUP), "hung up");
    close(other[0]);
    check_equal(epoll_wait(set, found, 4, 0), 0, "a closed file is out");
    check(epoll_ctl(set, EPOLL_CTL_ADD, set, &event) == -1 && errno == EINVAL,
          "a set is not in itself");
    int plain = open("/proc/self/exe", O_RDONLY);
    check(epoll_ctl(set, EPOLL_CTL_ADD, plain, &event) == -1 && errno == EPERM,
          "a plain file is always ready");
    check(epoll_wait(1, found, 4, 0) == -1 && errno == EINVAL, "not a set");
    close(set);
}

/* --- socketpair ----------------------------------------------------------------------- */

static int echo(void *argument)
{
    char text[100];
    int fd = *(int *)argument;
    ssize_t length = read(fd, text, sizeof(text));

    for (ssize_t i = 0; i < length; i++)
        text[i]++;
    return write(fd, text, length) == length ? 0 : 1;
}

static void test_socketpair(void)
{
    int ends[2];
    char text[100] = "";

    check_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0, "a pair");
    pid_t child = child_start(echo, &ends[1]);
    check_equal(write(ends[0], "HAL", 3), 3, "one side writes");
    check_equal(read(ends[0], text, sizeof(text)), 3, "and reads");
    check(memcmp(text, "IBM", 3) == 0, "what the other made of it");
    child_wait(child);
    check_equal(send(ends[0], "abc", 3, 0), 3, "send");
    check_equal(recv(ends[1], text, sizeof(text), 0), 3, "receive");
    check(recv(ends[1], text, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN, "nothing more");
    struct pollfd poll_it = {ends[0], POLLIN | POLLOUT, 0};
    check(poll(&poll_it, 1, 0) == 1 && poll_it.revents == POLLOUT, "room, and no data");
    check_equal(shutdown(ends[0], SHUT_WR), 0, "one says that it has ended");
    check_equal(read(ends[1], text, sizeof(text)), 0, "the other reads the end");
    check_equal(write(ends[1], "late", 4), 4, "and may still write");
    check_equal(read(ends[0], text, sizeof(text)), 4, "to be read");
    close(ends[0]);
    check(send(ends[1], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE,
          "nobody is there any more");
    close(ends[1]);
    check(socketpair(AF_INET, SOCK_STREAM, 0, ends) == -1, "no other family");
    check(connect(0, NULL, 0) == -1 && errno == ENOTSOCK, "what is no socket is told so");
}

/* --- Signals with a value; jobs without a shell --------------------------------------- */

static void test_queue(void)
{
    union sigval value = {.sival_int = 5};
    struct timespec none = {0, 0};
    siginfo_t info;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 3; i++, value.sival_int++)
        sigqueue(getpid(), SIGRTMIN, value);
    int sum = 0;
    for (int i = 0; i < 3; i++) {
        if (sigtimedwait(&set, &info, &none) == SIGRTMIN)
            sum = sum * 10 + info.si_value.sival_int;
    }
    check_equal(sum, 567, "queued signals come in order, with their values");
    check(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN, "and then no more");
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int stop_with_orphan(void *argument)
{
    volatile int *heard = argument;
    pid_t child = fork();

    if (child == 0) {
        setpgid(0, 0);
        signal(SIGHUP, SIG_IGN);
        heard[1] = getpid();
        raise(SIGSTOP);
        heard[0] = 1; /* SIGCONT has come */
        _exit(0);
    }
    int status;
    setpgid(child, child);
    waitpid(child, &status, WUNTRACED);
    return WIFSTOPPED(status) ? 0 : 1;
}

static void test_orphans(void)
{
    volatile int *heard = shared_page();

    check_equal(child_run(stop_with_orphan, (void *)heard), 0, "a stopped job is left");
    for (int i = 0; i < 100 && !heard[0]; i++)
        sleep_ms(5);
    check_equal(heard[0], 1, "and let go on when its parent ends");
}

static void test_waitid(void)
{
    siginfo_t info = {0};
    volatile int *looked = shared_page();
    pid_t child = fork();

    if (child == 0) {
        raise(SIGSTOP);
        while (!*looked) /* of who has ended it is not told that it went on */
            sleep_ms(1);
        _exit(7);
    }
    check(waitid(P_PID, child, &info, WSTOPPED) == 0 && info.si_code == CLD_STOPPED &&
              info.si_status == SIGSTOP,
          "waitid tells of a stop");
    kill(child, SIGCONT);
    check(waitid(P_PID, child, &info, WCONTINUED) == 0 && info.si_code == CLD_CONTINUED,
          "of going on");
    *looked = 1;
    check(waitid(P_PID, child, &info, WEXITED | WNOWAIT) == 0 && info.si_status == 7,
          "of the end");
    check(waitid(P_ALL, 0, &info, WEXITED) == 0 && info.si_pid == child &&
              info.si_code == CLD_EXITED,
          "which can be looked at twice");
    check(waitid(P_ALL, 0, &info, WEXITED) == -1 && errno == ECHILD, "not thrice");
    struct rusage usage;
    check(getrusage(RUSAGE_CHILDREN, &usage) == 0 && usage.ru_minflt > 0,
          "children's use is added up");
}

static void test_schedule(void)
{
    struct sched_param none = {0}, some = {.sched_priority = 5};

    check_equal(sched_get_priority_max(SCHED_FIFO), 99, "priorities have a range");
    check_equal(syscall(SYS_sched_getscheduler, 0), SCHED_OTHER, "the usual policy");
    check_equal(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &none), 0,
                "can be changed");
    check_equal(syscall(SYS_sched_getscheduler, 0), SCHED_BATCH, "and is told");
    check(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &some) == -1 && errno == EINVAL,
          "it has no priorities");
    check(syscall(SYS_sched_setscheduler, 0, 77, &none) == -1 && errno == EINVAL,
          "no such policy");
    syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none);
}

int main(void)
{
    test_eventfd();
    test_timerfd();
    test_epoll();
    test_socketpair();
    test_queue();
    test_orphans();
    test_schedule();
    test_waitid();
    return tap_end();
}
