/* mmap.c - mmap of anonymous memory: where it lies, what it holds, what is refused. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { READ_WRITE = PROT_READ | PROT_WRITE, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };

/* The kernel's own answer: an address or a negative errno. */
static long map(long address, long length, int rights, int flags, int fd, long offset)
{
    return raw6(SYS_mmap, address, length, rights, flags, fd, offset);
}

static bool all_zero(const char *from, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (from[i])
            return false;
    return true;
}

static void test_anonymous(void)
{
    char *region = (char *)map(0, 3 * PAGE, READ_WRITE, PRIVATE, -1, 0);

    check((long)region > 0 && (uintptr_t)region % PAGE == 0, "a region is page aligned");
    check(all_zero(region, 3 * PAGE), "new memory is zero");
    region[0] = 1, region[3 * PAGE - 1] = 2;
    check(region[0] == 1 && region[3 * PAGE - 1] == 2, "it holds what is written");
    char *other = (char *)map(0, 10, READ_WRITE, PRIVATE, -1, 0);
    check(other + PAGE <= region || other >= region + 3 * PAGE,
          "two regions do not overlap");
    other[PAGE - 1] = 1;
    check(other[PAGE - 1] == 1, "a length is rounded up to whole pages");
    check_equal(raw3(SYS_munmap, (long)region, 3 * PAGE, 0), 0, "munmap");
    check_equal(raw3(SYS_munmap, (long)other, 10, 0), 0, "munmap rounds up as well");
    check(probe(ACCESS_READ, (uintptr_t)region).code == SEGV_MAPERR, "it is gone then");
}

static void test_hint(void)
{
    const long wanted = 0x200000000000;

    check_equal(map(wanted, PAGE, READ_WRITE, PRIVATE, -1, 0), wanted,
                "a free address asked for is given");
    long other = map(wanted, PAGE, READ_WRITE, PRIVATE, -1, 0);
    check(other > 0 && other != wanted, "one that is taken is not, without MAP_FIXED");
    raw3(SYS_munmap, wanted, PAGE, 0);
    raw3(SYS_munmap, other, PAGE, 0);
}

static void test_fixed(void)
{
    char *region = (char *)map(0, 3 * PAGE, READ_WRITE, PRIVATE, -1, 0);

    region[0] = region[PAGE] = region[2 * PAGE] = 7;
    check_equal(map((long)region + PAGE, PAGE, READ_WRITE, PRIVATE | MAP_FIXED, -1, 0),
                (long)region + PAGE, "MAP_FIXED takes the address, whatever is there");
    check_equal(region[PAGE], 0, "and what was there is gone");
    check(region[0] == 7 && region[2 * PAGE] == 7, "its neighbours are not");
    check_equal(map((long)region, PAGE, READ_WRITE, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0),
                -EEXIST, "MAP_FIXED_NOREPLACE refuses a taken address");
    check_equal(region[0], 7, "and leaves it alone");
    munmap(region + PAGE, PAGE);
    check_equal(
        map((long)region + PAGE, PAGE, READ_WRITE, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0),
        (long)region + PAGE, "and takes a free one");
    check_equal(map((long)region + 1, PAGE, READ_WRITE, PRIVATE | MAP_FIXED, -1, 0),
                -EINVAL, "MAP_FIXED refuses an address inside a page");
    munmap(region, 3 * PAGE);
}

static void test_refused(void)
{
    int fd = open("mmap-refused", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int read_only = open("mmap-refused", O_RDONLY);
    int write_only = open("mmap-refused", O_WRONLY);

    check_equal(map(0, 0, PROT_READ, PRIVATE, -1, 0), -EINVAL, "length 0");
    check_equal(map(0, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), -EINVAL,
                "neither private nor shared");
    check_equal(map(0, PAGE, PROT_READ, MAP_PRIVATE, -1, 0), -EBADF, "no such descriptor");
    check_equal(map(0, PAGE, PROT_READ, MAP_PRIVATE, fd, 100), -EINVAL,
                "an offset inside a page");
    check_equal(map(0, -1L, PROT_READ, PRIVATE, -1, 0), -ENOMEM,
                "a length that wraps when rounded");
    check_equal(map(0, 1L << 47, PROT_READ, PRIVATE, -1, 0), -ENOMEM,
                "more than there are addresses");
    check_equal(map(0x7ffffffff000, PAGE, PROT_READ, PRIVATE | MAP_FIXED, -1, 0), -ENOMEM,
                "the last page below 2^47");
    check_equal(map(-2L * PAGE, PAGE, PROT_READ, PRIVATE | MAP_FIXED, -1, 0), -ENOMEM,
                "a kernel address");
    check_equal(map(0, PAGE, READ_WRITE, MAP_SHARED, read_only, 0), -EACCES,
                "writable and shared over a file opened for reading");
    check_equal(map(0, PAGE, PROT_READ, MAP_PRIVATE, write_only, 0), -EACCES,
                "a file not opened for reading");
    check(map(0, PAGE, READ_WRITE, MAP_PRIVATE, read_only, 0) > 0,
          "writable but private over a file opened for reading is allowed");
    close(fd), close(read_only), close(write_only);
    unlink("mmap-refused");
}

static void test_promise(void)
{
    long before = faults_now();
    volatile char *region =
        (char *)map(0, 1L << 30, READ_WRITE, PRIVATE | MAP_NORESERVE, -1, 0);

    check((long)region > 0, "a gibibyte with MAP_NORESERVE");
    check(faults_now() - before <= 1, "costs no fault");
    region[(1L << 30) - 1] = 1;
    check_equal(region[(1L << 30) - 1], 1, "its last byte is there when touched");
    munmap((void *)region, 1L << 30);
    char *part[6];
    bool promised = true;
    for (int i = 0; i < 6; i++) {
        part[i] = (char *)map(0, 48L << 20, READ_WRITE, PRIVATE, -1, 0);
        promised = promised && (long)part[i] > 0;
    }
    check(promised, "more than a quarter gibibyte without it, in parts: promises are free");
    for (int i = 0; i < 6; i++)
        munmap(part[i], 48L << 20);
}

static void test_populate(void)
{
    enum { PAGES = 64 };
    volatile char *region =
        (char *)map(0, PAGES * PAGE, READ_WRITE, PRIVATE | MAP_POPULATE, -1, 0);

    faults_now();
    long before = faults_now();
    for (int i = 0; i < PAGES; i++)
        region[i * PAGE] = 1;
    counted_equal(faults_now() - before, 0, "MAP_POPULATE: no fault on the first touch");
    munmap((void *)region, PAGES * PAGE);
    check(map(0, PAGE, PROT_NONE, PRIVATE | MAP_POPULATE, -1, 0) > 0,
          "MAP_POPULATE of what may not be touched is no error");
}

static void test_none(void)
{
    long region = map(0, PAGE, PROT_NONE, PRIVATE, -1, 0);

    check(probe(ACCESS_READ, region).code == SEGV_ACCERR, "PROT_NONE refuses reading");
    check(probe(ACCESS_WRITE, region).code == SEGV_ACCERR, "and writing");
    check(probe(ACCESS_EXECUTE, region).code == SEGV_ACCERR, "and executing");
}

int main(void)
{
    program_touch();
    test_anonymous();
    test_hint();
    test_fixed();
    test_refused();
    test_promise();
    test_populate();
    test_none();
    return tap_end();
}
