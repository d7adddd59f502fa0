/* vectors.c - readv, writev and process_vm_readv with every number of pieces that may be given. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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

static bool fails(long result, int error)
{
    return result == -1 && errno == error;
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
    return tap_end();
}
