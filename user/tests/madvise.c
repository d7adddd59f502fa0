/* madvise.c - MADV_DONTNEED gives the frames back and keeps the promise; mincore tells which
 * pages have a frame. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE };

static void test_anonymous(void)
{
    volatile char *region = region_map(8);

    for (int i = 0; i < 8; i++)
        region[i * PAGE] = i + 1;
    check_equal(madvise((void *)(region + 2 * PAGE), 3 * PAGE, MADV_DONTNEED), 0,
                "MADV_DONTNEED of three pages in the middle");
    check(region[2 * PAGE] == 0 && region[4 * PAGE] == 0, "they are zero");
    check(region[PAGE] == 2 && region[5 * PAGE] == 6, "their neighbours are as they were");
    madvise((void *)region, 8 * PAGE, MADV_DONTNEED);
    long before = faults_now();
    for (int i = 0; i < 8; i++)
        region[i * PAGE] = 1;
    counted_equal(faults_now() - before, 8, "each page touched again takes a fault");
    munmap((void *)region, 8 * PAGE);
}

static void test_file(void)
{
    int fd = open("madvise", O_RDWR | O_CREAT | O_TRUNC, 0600);
    char bytes[PAGE];

    memset(bytes, 'a', PAGE);
    if (fd < 0 || write(fd, bytes, PAGE) != PAGE)
        bail("madvise");
    volatile char *mine = mmap(NULL, PAGE, READ_WRITE, MAP_PRIVATE, fd, 0);
    volatile char *all = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED, fd, 0);
    mine[0] = 'b', all[1] = 'c';
    madvise((void *)mine, PAGE, MADV_DONTNEED);
    madvise((void *)all, PAGE, MADV_DONTNEED);
    check(mine[0] == 'a', "a private copy is dropped: the file's bytes are back");
    check(all[1] == 'c', "what was written to a shared view stays");
    munmap((void *)mine, PAGE);
    munmap((void *)all, PAGE);
    close(fd);
    unlink("madvise");
}

static int child_drops(void *region)
{
    madvise(region, PAGE, MADV_DONTNEED);
    return *(char *)region;
}

static void test_inherited(void)
{
    char *region = region_map(1);

    region[0] = 5;
    check_equal(WEXITSTATUS(child_run(child_drops, region)), 0,
                "a child drops an inherited page");
    check_equal(region[0], 5, "the parent keeps it");
    munmap(region, PAGE);
}

static void test_refused(void)
{
    char *region = region_map(3);

    check_equal(raw3(SYS_madvise, (long)region + 1, PAGE, MADV_DONTNEED), -EINVAL,
                "an address inside a page");
    check_equal(raw3(SYS_madvise, (long)region, PAGE, 12345), -EINVAL, "unknown advice");
    check_equal(raw3(SYS_madvise, (long)region, 0, MADV_DONTNEED), 0,
                "length 0 is allowed");
    munmap(region + PAGE, PAGE);
    region[0] = region[2 * PAGE] = 1;
    check_equal(raw3(SYS_madvise, (long)region, 3 * PAGE, MADV_DONTNEED), -ENOMEM,
                "a hole is reported");
    check(region[0] == 0 && region[2 * PAGE] == 0, "after the rest has been done");
    check_equal(raw3(SYS_madvise, (long)region, PAGE, MADV_NORMAL), 0,
                "MADV_NORMAL is accepted");
    check_equal(raw3(SYS_madvise, (long)region, PAGE, MADV_WILLNEED), 0,
                "MADV_WILLNEED is accepted");
    munmap(region, PAGE);
    munmap(region + 2 * PAGE, PAGE);
}

static void test_mincore(void)
{
    unsigned char resident[4];
    volatile char *region = region_map(4);

    check_equal(mincore((void *)region, 4 * PAGE, resident), 0, "mincore");
    check(!(resident[0] & 1) && !(resident[3] & 1), "nothing touched, nothing resident");
    region[PAGE] = 1;
    mincore((void *)region, 4 * PAGE, resident);
    check(!(resident[0] & 1) && (resident[1] & 1) && !(resident[2] & 1),
          "the page written to is resident, and only that");
    madvise((void *)region, 4 * PAGE, MADV_DONTNEED);
    mincore((void *)region, 4 * PAGE, resident);
    check(!(resident[1] & 1), "after MADV_DONTNEED it is not");
    check_equal(raw3(SYS_mincore, (long)region + 1, PAGE, (long)resident), -EINVAL,
                "an address inside a page");
    munmap((void *)(region + 2 * PAGE), PAGE);
    check_equal(raw3(SYS_mincore, (long)region, 4 * PAGE, (long)resident), -ENOMEM,
                "a range with a hole");
    munmap((void *)region, 4 * PAGE);
}

int main(void)
{
    program_touch();
    test_anonymous();
    test_file();
    test_inherited();
    test_refused();
    test_mincore();
    return tap_end();
}
