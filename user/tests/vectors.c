/* vectors.c - readv, writev and process_vm_readv with every number of pieces that may be
 * given, with one that is not there, and with flags. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 1024

static struct iovec from[MOST + 1], to[MOST + 1];
static char bytes[MOST + 1], got[MOST + 1];

/* `count` pieces of a byte each, by this call: all are there, and in order. */
static bool moved(long result, int count)
{
    bool whole = result == count && memcmp(got, bytes, (size_t)count) == 0;
    memset(got, 0, sizeof(got));
    return whole;
}

static void test_count(int fd, int count)
{
    check_equal(pwritev(fd, from, count, 0), count, "pwritev of %d pieces", count);
    check(moved(preadv(fd, to, count, 0), count), "preadv of %d", count);
    check(lseek(fd, 0, SEEK_SET) == 0 && writev(fd, from, count) == count, "writev of %d",
          count);
    check(lseek(fd, 0, SEEK_SET) == 0 && moved(readv(fd, to, count), count), "readv of %d",
          count);
    check(moved(process_vm_readv(getpid(), to, (unsigned)count, from, (unsigned)count, 0),
                count),
          "process_vm_readv of %d", count);
}

/* --- A piece that is not there ---------------------------------------------------------------- */

static char page[8192];

/* Both ends of something that has no position: what a small write gave it is whole, or nothing. */
static void test_small_write(const int ends[2], const char *what)
{
    struct iovec pieces[] = {{page, 10}, {(void *)8, 10}, {page, 10}};

    check(fails(writev(ends[1], pieces, 3), EFAULT), "%s: a piece is not there: EFAULT",
          what);
    check(fails(read(ends[0], got, 100), EAGAIN), "%s: and none before it went out", what);
    pieces[0].iov_len = 0;
    check(fails(writev(ends[1], pieces, 3), EFAULT), "%s: the first of any length", what);
    check_equal(writev(ends[1], pieces + 2, 1), 10, "%s: what comes next", what);
    pieces[0].iov_len = 10;
    check(fails(writev(ends[1], pieces, 3), EFAULT), "%s: behind what is there", what);
    check_equal(read(ends[0], got, 100), 10, "%s: is read alone", what);
}

static void test_missing_piece(int fd)
{
    struct iovec pieces[] = {{page, 10}, {(void *)8, 10}};
    int ends[2];

    check_equal(pwritev(fd, pieces, 2, 0), 10, "a file takes what is there");
    if (pipe2(ends, O_NONBLOCK) != 0)
        bail("pipe2");
    test_small_write(ends, "a pipe");
    struct iovec large[] = {{page, 5000}, {(void *)8, 10}};
    long part = writev(ends[1], large, 2);
    check(part > 0 && part <= 5000 && read(ends[0], page, sizeof(page)) == part,
          "of a large write as much goes out as was told");
    close(ends[0]), close(ends[1]);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0)
        bail("socketpair");
    test_small_write(ends, "a socket");
    close(ends[0]), close(ends[1]);
    if (pipe2(ends, O_NONBLOCK | O_DIRECT) != 0)
        bail("pipe2");
    check(fails(writev(ends[1], pieces, 2), EFAULT), "a packet: EFAULT");
    check(fails(read(ends[0], got, 100), EAGAIN), "and there is none");
    close(ends[0]), close(ends[1]);
}

/* --- preadv2 and pwritev2 --------------------------------------------------------------------- */

static void test_flags(int fd)
{
    enum { HIPRI = 1, DSYNC = 2, SYNC = 4, UNKNOWN = 0x4000 };
    int ends[2];

    check_equal(raw6(SYS_pwritev2, fd, (long)from, 9, 0, 0, SYNC | DSYNC), 9, "pwritev2");
    check(moved(raw6(SYS_preadv2, fd, (long)to, 9, 0, 0, HIPRI), 9), "preadv2");
    lseek(fd, 3, SEEK_SET);
    check_equal(raw6(SYS_preadv2, fd, (long)to, 2, -1, -1, 0), 2, "at the file's position");
    check(got[0] == bytes[3] && lseek(fd, 0, SEEK_CUR) == 5, "which goes on");
    check_equal(raw6(SYS_pwritev2, fd, (long)from, 2, -1, -1, 0), 2, "to write there");
    check_equal(lseek(fd, 0, SEEK_CUR), 7, "likewise");
    check_equal(raw6(SYS_preadv2, fd, (long)to, 2, -2, -1, 0), -EINVAL, "another below 0");
    check_equal(raw6(SYS_preadv2, fd, (long)to, 2, 0, 0, UNKNOWN), -EOPNOTSUPP,
                "an unknown flag");
    check_equal(raw6(SYS_preadv2, -1, (long)to, 2, 0, 0, 0), -EBADF, "no file");
    if (pipe(ends) != 0)
        bail("pipe");
    check_equal(raw6(SYS_pwritev2, ends[1], (long)from, 2, 0, 0, 0), -ESPIPE,
                "a pipe has no position");
    check_equal(raw6(SYS_pwritev2, ends[1], (long)from, 2, -1, -1, 0), 2, "and needs none");
    close(ends[0]), close(ends[1]);
}

/* What is looked at first: the position, the descriptor, what it can, the pieces, the flags. */
static void test_order(int fd)
{
    enum { UNKNOWN = 0x4000 };
    char *kernel = (char *)0xffff800000000000;
    struct iovec nothing = {NULL, 0}, far = {kernel, 0}, long_one = {got, 1ul << 62};
    long last = INT64_MAX - 1;
    int ends[2], set = epoll_create1(0), folder = open("/", O_RDONLY);

    if (pipe(ends) != 0)
        bail("pipe");
    check_equal(raw6(SYS_pread64, -1, (long)got, 1, -1, 0, 0), -EINVAL,
                "a position below 0");
    check_equal(raw6(SYS_pread64, -1, (long)got, 8, last, 0, 0), -EBADF, "no descriptor");
    check_equal(raw6(SYS_pread64, ends[0], (long)got, 8, last, 0, 0), -ESPIPE, "a pipe");
    check_equal(raw6(SYS_pread64, fd, (long)kernel, 8, last, 0, 0), -EFAULT, "no memory");
    check_equal(raw6(SYS_pread64, fd, (long)got, 8, last, 0, 0), -EINVAL, "too far");
    check_equal(raw6(SYS_pwrite64, fd, (long)got, 8, last, 0, 0), -EINVAL, "to write, too");
    check_equal(raw6(SYS_preadv, fd, (long)to, 9, last, 0, 0), -EINVAL, "in pieces, too");
    check_equal(raw3(SYS_read, fd, (long)kernel, 0), -EFAULT, "nothing, to no memory");
    check_equal(raw3(SYS_read, folder, 0, 0), -EISDIR, "nothing of a directory");
    check_equal(raw3(SYS_readv, folder, (long)&nothing, 1), 0, "in a piece");
    check_equal(raw3(SYS_readv, folder, 0, 0), 0, "in none");
    check_equal(raw3(SYS_readv, fd, (long)&far, 1), -EFAULT, "an empty piece nowhere");
    check_equal(raw3(SYS_readv, set, 0, 0), -EINVAL, "nothing of what cannot be read");
    check_equal(raw3(SYS_writev, set, (long)&far, 1), -EINVAL, "or written");
    check_equal(raw3(SYS_writev, ends[0], (long)&far, 1), -EBADF, "or not by this");
    check(raw3(SYS_readv, fd, (long)&long_one, 1) >= 0, "one piece longer than all memory");
    check_equal(raw6(SYS_preadv2, -1, (long)to, 1, 0, 0, UNKNOWN), -EBADF,
                "flags, of none");
    check_equal(raw6(SYS_preadv2, fd, (long)&far, 1, 0, 0, UNKNOWN), -EFAULT, "nowhere");
    check_equal(raw6(SYS_preadv2, fd, (long)&nothing, 1, 0, 0, UNKNOWN), 0, "of nothing");
    close(ends[0]), close(ends[1]), close(set), close(folder);
}

/* A number is read whole, wherever its bytes come to lie, and once. */
static void test_number(void)
{
    uint64_t number[2] = {0, 7}, first = 5;
    char *half = (char *)number;
    struct iovec halves[] = {{half, 4}, {NULL, 0}, {half + 4, 4}},
                 two[] = {{number, 8}, {number + 1, 8}},
                 gone[] = {{half, 4}, {(void *)8, 4}};
    int fd = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);

    check(fails(readv(fd, halves, 3), EAGAIN), "no number yet");
    check_equal(write(fd, &first, 8), 8, "five are there");
    check(readv(fd, halves, 3) == 8 && number[0] == 1, "a number in two pieces");
    halves[2].iov_len = 3;
    check(fails(readv(fd, halves, 3), EINVAL), "less than a number: EINVAL");
    check(readv(fd, two, 2) == 8 && number[1] == 7, "one of two numbers");
    check(fails(readv(fd, gone, 2), EFAULT), "half of it goes nowhere: EFAULT");
    close(fd);
}

int main(void)
{
    static const int counts[] = {0,   1,   16,  17,  255,  256, 257,
                                 512, 513, 768, 769, 1023, MOST};
    char name[] = "vectors-XXXXXX";
    int fd = mkstemp(name);
    if (fd < 0)
        bail(name);
    unlink(name);
    for (int i = 0; i <= MOST; i++) {
        bytes[i] = (char)(i * 7 + 1);
        from[i] = (struct iovec){bytes + i, 1};
        to[i] = (struct iovec){got + i, 1};
    }
    for (unsigned i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        test_count(fd, counts[i]);
    check(fails(writev(fd, from, MOST + 1), EINVAL), "more than 1,024: EINVAL");
    check(fails(readv(fd, to, MOST + 1), EINVAL), "for readv, too");
    check(fails(writev(fd, (struct iovec *)8, 300), EFAULT), "none of it there: EFAULT");
    test_flags(fd);
    test_order(fd);
    test_missing_piece(fd);
    test_number();
    return tap_end();
}
