/* mmap-file.c - a file seen through memory: one page of a file is one page, however many
 * map, read or write it; a private view parts from it at the first write; and past the end
 * of the file there is nothing. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE };

static const char path[] = "mmap-file";
static int fd;

/* A file of `length` bytes, each the low byte of (its offset / 16). */
static void file_make(size_t length)
{
    static unsigned char bytes[4 * PAGE];

    for (size_t i = 0; i < length; i++)
        bytes[i] = i / 16;
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
        bail(path);
}

static unsigned char *view(size_t pages, int rights, int flags, long offset)
{
    void *start = mmap(NULL, pages * PAGE, rights, flags, fd, offset);

    if (start == MAP_FAILED)
        bail("mmap of a file");
    return start;
}

static int file_byte(long offset)
{
    unsigned char byte;

    return pread(fd, &byte, 1, offset) == 1 ? byte : -1;
}

static void test_contents(void)
{
    file_make(3 * PAGE);
    unsigned char *all = view(3, PROT_READ, MAP_PRIVATE, 0);
    unsigned char *last = view(1, PROT_READ, MAP_SHARED, 2 * PAGE);
    bool right = true;

    for (size_t i = 0; i < 3 * PAGE; i++)
        right &= all[i] == (unsigned char)(i / 16);
    check(right, "a private view holds the file's bytes");
    check(memcmp(last, all + 2 * PAGE, PAGE) == 0, "a view may start at any page");
    close(fd);
    check_equal(all[PAGE], PAGE / 16 % 256, "a view outlives its descriptor");
    munmap(all, 3 * PAGE);
    munmap(last, PAGE);
}

static void test_shared(void)
{
    file_make(2 * PAGE);
    volatile unsigned char *one = view(2, READ_WRITE, MAP_SHARED, 0);
    volatile unsigned char *two = view(2, READ_WRITE, MAP_SHARED, 0);

    one[5] = 100;
    check_equal(two[5], 100, "a write through one shared view is seen through another");
    check_equal(file_byte(5), 100, "and by read");
    check(pwrite(fd, "\xc8", 1, PAGE + 7) == 1 && one[PAGE + 7] == 200,
          "a write by write is seen through a view");
    check_equal(msync((void *)one, 2 * PAGE, MS_SYNC), 0, "msync");
    munmap((void *)one, 2 * PAGE);
    check_equal(file_byte(5), 100, "it stays when the view is gone");
    munmap((void *)two, 2 * PAGE);
    close(fd);
}

static int other_writes(void *shared)
{
    ((volatile unsigned char *)shared)[0] = 77;
    return 0;
}

static void test_private(void)
{
    file_make(2 * PAGE);
    volatile unsigned char *mine = view(2, READ_WRITE, MAP_PRIVATE, 0);
    volatile unsigned char *all = view(2, READ_WRITE, MAP_SHARED, 0);

    all[1] = 50;
    check_equal(mine[1], 50, "a private view follows the file until it is written to");
    mine[0] = 99;
    check_equal(file_byte(0), 0, "a write to a private view does not reach the file");
    check_equal(all[0], 0, "nor a shared view");
    all[1] = 60;
    check_equal(mine[1], 50, "once written to, the page no longer follows the file");
    all[PAGE] = 61;
    check_equal(mine[PAGE], 61, "the next page still does");
    child_run(other_writes, (void *)mine);
    check_equal(mine[0], 99, "a child's write to it is the child's own");
    child_run(other_writes, (void *)all);
    check_equal(all[0], 77, "a child's write to the shared view is seen by the parent");
    check_equal(file_byte(0), 77, "and in the file");
    munmap((void *)mine, 2 * PAGE);
    munmap((void *)all, 2 * PAGE);
    close(fd);
}

static void test_end(void)
{
    file_make(PAGE + 100);
    unsigned char *start = view(3, READ_WRITE, MAP_SHARED, 0);
    bool zero = true;

    for (int i = 100; i < PAGE; i++)
        zero &= start[PAGE + i] == 0;
    check(zero, "the rest of the last page is zero");
    struct refusal refusal = probe(ACCESS_READ, (uintptr_t)start + 2 * PAGE + 5);
    check(refusal.signal == SIGBUS && refusal.code == BUS_ADRERR,
          "reading past the last page: SIGBUS, BUS_ADRERR");
    check_equal(refusal.address, (uintptr_t)start + 2 * PAGE + 5, "si_addr is the address");
    refusal = probe(ACCESS_WRITE, (uintptr_t)start + 2 * PAGE);
    check(refusal.signal == SIGBUS && refusal.code == BUS_ADRERR, "writing there as well");
    check(ftruncate(fd, 3 * PAGE) == 0 &&
              !probe(ACCESS_READ, (uintptr_t)start + 2 * PAGE).refused,
          "when the file grows the page is there");
    check(ftruncate(fd, PAGE) == 0 &&
              probe(ACCESS_READ, (uintptr_t)start + PAGE).signal == SIGBUS,
          "when it shrinks the page is gone");
    check_equal(start[PAGE - 1], (PAGE - 1) / 16 % 256, "what is left is untouched");
    check(ftruncate(fd, 50) == 0 && ftruncate(fd, PAGE) == 0 && start[60] == 0,
          "what was cut off inside a page comes back as zeroes");
    munmap(start, 3 * PAGE);
    close(fd);
}

static void test_private_end(void)
{
    file_make(100);
    unsigned char *start = view(2, READ_WRITE, MAP_PRIVATE, 0);

    check(probe(ACCESS_WRITE, (uintptr_t)start + PAGE).signal == SIGBUS,
          "past the end of a private view: SIGBUS");
    start[200] = 5;
    check_equal(start[200], 5, "the rest of the last page can be written");
    check_equal(lseek(fd, 0, SEEK_END), 100, "and the file does not grow by it");
    munmap(start, 2 * PAGE);
    close(fd);
}

/* What is not in the file is not in a mapping of it, private copies neither. */
static void test_truncate(void)
{
    int fd = open("mmap-truncate", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || ftruncate(fd, 2 * PAGE) != 0)
        bail("mmap-truncate");
    volatile char *mine = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    mine[0] = 'a', mine[PAGE] = 'b';
    ftruncate(fd, PAGE);
    check(probe(ACCESS_READ, (uintptr_t)mine + PAGE).signal == SIGBUS,
          "a private copy behind the new end is gone");
    ftruncate(fd, 2 * PAGE);
    check(mine[0] == 'a', "the one before it is there");
    check(mine[PAGE] == 0, "the file longer again: zeroes");
    munmap((void *)mine, 2 * PAGE);
    close(fd);
    unlink("mmap-truncate");
}

/* What was never written reads as zeroes, and nothing is set aside for it. */
static void test_hole_read(void)
{
    enum { PAGES = 8 };
    static char got[PAGES * PAGE];
    unsigned char there[PAGES];
    int fd = memfd_create("hole", 0);
    off_t none = 0;

    memset(got, 1, sizeof(got));
    check_equal(ftruncate(fd, PAGES * PAGE), 0, "a file that is a hole");
    char *view = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check_equal(pread(fd, got, sizeof(got), 0), PAGES * PAGE, "is read");
    check(got[0] == 0 && memcmp(got, got + 1, sizeof(got) - 1) == 0, "zeroes");
    check_equal(sendfile(fd, fd, &none, PAGE / 2), PAGE / 2, "and sent");
    struct stat stat;
    check(fstat(fd, &stat) == 0 && stat.st_blocks <= 8, "only what was written is there");
    check(mincore(view + PAGE, (PAGES - 1) * PAGE, there) == 0 && !(there[0] & 1),
          "no more");
    view[3 * PAGE] = 7;
    check(pread(fd, got, 1, 3 * PAGE) == 1 && got[0] == 7, "what is then written is read");
    munmap(view, PAGES * PAGE);
    close(fd);
}

int main(void)
{
    test_contents();
    test_shared();
    test_private();
    test_end();
    test_private_end();
    unlink(path);
    test_truncate();
    test_hole_read();
    return tap_end();
}
