/* pipe.c - pipes: bytes in order, waiting on both sides, and the end of either side. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BIG = 1 << 20 };

static int ends[2];
static volatile long *told;

static void test_bytes(void)
{
    char bytes[20] = "";
    struct stat what;
    int waiting;

    check(pipe(ends) == 0 && ends[0] != ends[1], "pipe gives two descriptors");
    check(fstat(ends[0], &what) == 0 && S_ISFIFO(what.st_mode), "fstat says it is a pipe");
    check(write(ends[1], "hello ", 6) == 6 && write(ends[1], "world", 5) == 5,
          "two writes");
    check(ioctl(ends[0], FIONREAD, &waiting) == 0 && waiting == 11, "FIONREAD: 11 bytes");
    check_equal(read(ends[0], bytes, 4), 4, "a read takes what it asks for");
    check_equal(read(ends[0], bytes + 4, 16), 7, "or what there is");
    check(memcmp(bytes, "hello world", 11) == 0, "in the order written");
    check(lseek(ends[0], 0, SEEK_SET) == -1 && errno == ESPIPE, "lseek: ESPIPE");
    check(pread(ends[0], bytes, 1, 0) == -1 && errno == ESPIPE, "pread: ESPIPE");
    check(write(ends[0], "x", 1) == -1 && errno == EBADF, "writing to the reading end");
    check(read(ends[1], bytes, 1) == -1 && errno == EBADF, "reading from the writing end");
    check_equal(write(ends[1], "", 0), 0, "writing nothing");
    struct iovec parts[2] = {{"ab", 2}, {"cde", 3}};
    check(writev(ends[1], parts, 2) == 5 && read(ends[0], bytes, 20) == 5 &&
              memcmp(bytes, "abcde", 5) == 0,
          "writev");
}

static void test_end(void)
{
    char byte;

    write(ends[1], "z", 1) == 1 ? (void)0 : bail("write");
    close(ends[1]);
    check_equal(read(ends[0], &byte, 1), 1,
                "what was written is read after the writer left");
    check_equal(read(ends[0], &byte, 1), 0, "then there is the end");
    check_equal(read(ends[0], &byte, 1), 0, "again and again");
    close(ends[0]);
}

static int writes_to_nobody(void *fd)
{
    return write(*(int *)fd, "x", 1) == -1 && errno == EPIPE ? 1 : 2;
}

static void test_no_reader(void)
{
    if (pipe(ends) != 0)
        bail("pipe");
    close(ends[0]);
    check_equal(WTERMSIG(child_run(writes_to_nobody, &ends[1])), SIGPIPE,
                "writing to a pipe without a reader: SIGPIPE");
    signal(SIGPIPE, SIG_IGN);
    check_equal(WEXITSTATUS(child_run(writes_to_nobody, &ends[1])), 1,
                "with SIGPIPE ignored: EPIPE");
    signal(SIGPIPE, SIG_DFL);
    close(ends[1]);
}

static void test_nonblocking(void)
{
    static char bytes[PAGE];
    long held = 0;
    ssize_t written;

    if (pipe2(ends, O_NONBLOCK) != 0)
        bail("pipe2");
    check(read(ends[0], bytes, 1) == -1 && errno == EAGAIN, "O_NONBLOCK: empty is EAGAIN");
    while ((written = write(ends[1], bytes, PAGE)) > 0)
        held += written;
    check(written == -1 && errno == EAGAIN, "full is EAGAIN");
    check_equal(held, 65536, "a pipe holds 64 KiB");
    check(read(ends[0], bytes, PAGE) == PAGE && write(ends[1], bytes, PAGE) == PAGE,
          "a page read makes room for a page");
    close(ends[0]), close(ends[1]);
    if (pipe2(ends, O_CLOEXEC) != 0)
        bail("pipe2");
    check_equal(fcntl(ends[0], F_GETFD), FD_CLOEXEC, "O_CLOEXEC");
    close(ends[0]), close(ends[1]);
    check_equal(raw3(SYS_pipe2, (long)ends, 1, 0), -EINVAL, "unknown flags: EINVAL");
}

static unsigned char pattern(long i)
{
    return i * 7 + i / 4096;
}

static int writes_much(void *unused)
{
    static unsigned char bytes[BIG];

    (void)unused;
    for (long i = 0; i < BIG; i++)
        bytes[i] = pattern(i);
    close(ends[0]);
    return write(ends[1], bytes, BIG) != BIG;
}

static void test_much(void)
{
    unsigned char bytes[5000];
    long total = 0, wrong = 0;
    ssize_t got;

    if (pipe(ends) != 0)
        bail("pipe");
    pid_t child = child_start(writes_much, NULL);
    close(ends[1]);
    while ((got = read(ends[0], bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < got; i++)
            wrong += bytes[i] != pattern(total + i);
        total += got;
    }
    check_equal(total, BIG, "a megabyte through a pipe: the writer waits for room");
    check_equal(wrong, 0, "every byte right");
    check_equal(child_wait(child), 0, "one write did it");
    close(ends[0]);
}

static int reads_late(void *unused)
{
    char byte;

    (void)unused;
    close(ends[1]);
    told[0] = 1;
    int got = read(ends[0], &byte, 1);
    return got == 1 && told[1] == 1 ? 0 : 1;
}

static void test_waiting(void)
{
    if (pipe(ends) != 0)
        bail("pipe");
    pid_t child = child_start(reads_late, NULL);
    while (!told[0])
        usleep(1000);
    usleep(2000);
    told[1] = 1;
    check_equal(write(ends[1], "x", 1), 1, "a byte for a reader that waits");
    check_equal(child_wait(child), 0, "it waited until then");
    struct pollfd look = {.fd = ends[0], .events = POLLIN};
    check_equal(poll(&look, 1, 0), 0, "poll: nothing to read");
    check(write(ends[1], "x", 1) == 1 && poll(&look, 1, -1) == 1 && look.revents == POLLIN,
          "poll: something to read");
    close(ends[0]), close(ends[1]);
}

/* Several writers: each write of up to a page stays in one piece. */
static int writes_lines(void *letter)
{
    char line[100];

    memset(line, *(char *)letter, sizeof(line));
    for (int i = 0; i < 200; i++)
        if (write(ends[1], line, sizeof(line)) != sizeof(line))
            return 1;
    return 0;
}

static void test_whole_writes(void)
{
    char line[100], letters[] = "abc";
    int lines = 0, mixed = 0;
    ssize_t got, have = 0;

    if (pipe(ends) != 0)
        bail("pipe");
    for (int i = 0; i < 3; i++)
        child_start(writes_lines, &letters[i]);
    close(ends[1]);
    while ((got = read(ends[0], line + have, sizeof(line) - have)) > 0) {
        have += got;
        if (have < (ssize_t)sizeof(line))
            continue;
        have = 0;
        lines++;
        for (unsigned i = 1; i < sizeof(line); i++)
            mixed += line[i] != line[0];
    }
    check_equal(lines, 600, "three writers, 600 lines");
    check_equal(mixed, 0, "none of them mixed");
    while (wait(NULL) > 0)
        ;
    close(ends[0]);
}

static int read_one(void *argument)
{
    char byte;

    return read(*(int *)argument, &byte, 1) == 1 && byte == 'r' ? 0 : 1;
}

/* Two who wait for the same pipe sleep: they do not wake each other. */
static void test_two_readers(void)
{
    int ends[2];
    struct rusage before, after;

    if (pipe(ends) != 0)
        bail("pipe");
    getrusage(RUSAGE_CHILDREN, &before);
    pid_t one = child_start(read_one, &ends[0]), two = child_start(read_one, &ends[0]);
    usleep(100000);
    check_equal(write(ends[1], "rr", 2), 2, "two readers wait for one pipe");
    check(child_wait(one) == 0 && child_wait(two) == 0, "each gets a byte");
    getrusage(RUSAGE_CHILDREN, &after);
    check(after.ru_stime.tv_sec == before.ru_stime.tv_sec &&
              after.ru_stime.tv_usec - before.ru_stime.tv_usec < 50000,
          "and waiting cost them nothing");
    close(ends[0]);
    close(ends[1]);
}

static int queued(int end)
{
    int count = -1;

    ioctl(end, FIONREAD, &count);
    return count;
}

/* Each write is a packet of its own, a page at most. */
/* A writev is one write, a readv one read. */
static void test_packet_parts(char *bytes)
{
    struct iovec three[] = {{"abc", 3}, {NULL, 0}, {"defg", 4}},
                 large[] = {{bytes, 3000}, {bytes, 3000}},
                 two[] = {{bytes, 4}, {bytes + 4, 100}};

    check_equal(writev(ends[1], three, 3), 7, "writev of three parts");
    check_equal(queued(ends[0]), 7, "seven bytes");
    check(read(ends[0], bytes, 100) == 7 && memcmp(bytes, "abcdefg", 7) == 0,
          "are one packet");
    check_equal(writev(ends[1], large, 2), 6000, "writev of more than a page");
    check_equal(read(ends[0], bytes, 2 * PAGE), PAGE, "is a full packet");
    check_equal(read(ends[0], bytes, 2 * PAGE), 6000 - PAGE, "and what is left");
    write(ends[1], "123456789", 9);
    write(ends[1], "next", 4);
    check(readv(ends[0], two, 2) == 9 && memcmp(bytes, "123456789", 9) == 0,
          "readv takes one packet with all its parts");
    check_equal(read(ends[0], bytes, 100), 4, "and no more");
    write(ends[1], "123456789", 9);
    two[1].iov_len = 2;
    check_equal(readv(ends[0], two, 2), 6, "or as much of it as there is room for");
    check(read(ends[0], bytes, 100) < 0 && errno == EAGAIN, "the rest is lost");
}

static void test_packets(void)
{
    static char bytes[3 * PAGE];
    int count = 0;

    check(pipe2(ends, O_DIRECT | O_NONBLOCK) == 0, "a pipe of packets");
    check(fcntl(ends[1], F_GETFL) & O_DIRECT, "F_GETFL tells it");
    write(ends[1], "abc", 3);
    write(ends[1], "defgh", 5);
    check_equal(queued(ends[0]), 8, "FIONREAD counts the bytes of all packets");
    check_equal(read(ends[0], bytes, 100), 3, "a read takes one packet");
    check_equal(read(ends[0], bytes, 2), 2, "or its beginning");
    check(bytes[0] == 'd' && bytes[1] == 'e', "of the second");
    check(read(ends[0], bytes, 100) < 0 && errno == EAGAIN, "and the rest of it is lost");
    check_equal(write(ends[1], bytes, PAGE + 900), PAGE + 900,
                "a write of more than a page");
    check_equal(read(ends[0], bytes, sizeof(bytes)), PAGE, "is several packets: one");
    check_equal(read(ends[0], bytes, sizeof(bytes)), 900, "and another");
    test_packet_parts(bytes);
    while (write(ends[1], "x", 1) == 1)
        count++;
    check_equal(count, 16, "as many packets as pages fit");
    close(ends[0]), close(ends[1]);
}

static void test_capacity(void)
{
    static char bytes[2 * 65536];

    pipe2(ends, O_NONBLOCK);
    check_equal(fcntl(ends[1], F_GETPIPE_SZ), 65536, "a pipe holds 64 KiB");
    check_equal(fcntl(ends[1], F_SETPIPE_SZ, 5000), 8192, "another size, rounded up");
    check_equal(fcntl(ends[0], F_GETPIPE_SZ), 8192, "at both ends");
    check_equal(write(ends[1], bytes, sizeof(bytes)), 8192, "and so much fits");
    check(fcntl(ends[1], F_SETPIPE_SZ, 4096) < 0 && errno == EBUSY,
          "less than is in it: EBUSY");
    read(ends[0], bytes, 8192);
    check_equal(fcntl(ends[1], F_SETPIPE_SZ, 0), 4096, "the smallest is a page");
    check_equal(write(ends[1], bytes, sizeof(bytes)), 4096, "which fits");
    check_equal(fcntl(ends[1], F_SETPIPE_SZ, 65536), 65536, "a larger one");
    check_equal(write(ends[1], bytes, sizeof(bytes)), 65536 - 4096, "makes room at once");
    check(fcntl(ends[1], F_SETPIPE_SZ, -1) < 0 && errno == EINVAL, "too much to be a size");
    check(fcntl(0, F_SETPIPE_SZ, 4096) < 0 && errno == EBADF, "of what is no pipe: EBADF");
    close(ends[0]), close(ends[1]);
}

int main(void)
{
    told = shared_page();
    test_bytes();
    test_end();
    test_no_reader();
    test_nonblocking();
    test_much();
    test_waiting();
    test_whole_writes();
    test_two_readers();
    test_packets();
    test_capacity();
    return tap_end();
}
