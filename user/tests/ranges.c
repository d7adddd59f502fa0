/* ranges.c - calls over a range of which not all is as they want it: what they have changed by the
 * time they say so. A hole ends mprotect and mlock; madvise passes it. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE, PAGES = 8 };

#define HUGE            (1ul << 46)
#define FAR             0x2000000000ul
#define MADV_LOCKED_TOO 24 /* MADV_DONTNEED_LOCKED */
#define GROWS_DOWN      0x01000000
#define GROWS_UP        0x02000000

/* Pages of memory, written, with nothing around them but holes. */
static char *pages_map(int flags)
{
    char *at = mmap(NULL, (PAGES + 2) * PAGE, READ_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        bail("mmap");
    munmap(at, PAGE);
    munmap(at + (PAGES + 1) * PAGE, PAGE);
    memset(at + PAGE, 7, PAGES * PAGE);
    return at + PAGE;
}

static void pages_unmap(char *at)
{
    munmap(at, PAGES * PAGE);
}

/* Can user code write there? The kernel tries on its behalf. */
static bool can_write(char *at)
{
    int zero = open("/dev/zero", O_RDONLY);
    long got = read(zero, at, 1);
    close(zero);
    return got == 1;
}

/* Another file's page, which may only be read. */
static void readable_at(char *at, int flags)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    if (mmap(at, PAGE, PROT_READ, flags | MAP_FIXED, fd, 0) != at)
        bail("mmap of a file");
    close(fd);
}

static void test_protect(void)
{
    char *at = pages_map(MAP_PRIVATE);
    munmap(at + 2 * PAGE, PAGE);
    check(fails(mprotect(at, 4 * PAGE, PROT_READ), ENOMEM),
          "mprotect across a hole: ENOMEM");
    check(!can_write(at) && !can_write(at + PAGE), "what lies before the hole has changed");
    check(can_write(at + 3 * PAGE), "what lies behind it has not");
    check(fails(mprotect(at, HUGE, READ_WRITE), ENOMEM), "beyond all that there is");
    check(can_write(at) && can_write(at + PAGE), "up to the hole it has changed");
    readable_at(at + 4 * PAGE, MAP_SHARED);
    check(fails(mprotect(at + 3 * PAGE, HUGE, READ_WRITE | PROT_EXEC), EACCES),
          "a file that cannot be written, before the next hole: EACCES");
    check(fails(mprotect(at + PAGE, 5 * PAGE, READ_WRITE), ENOMEM),
          "a hole before such a file: ENOMEM");
    check(fails(mprotect(at + 3 * PAGE, 3 * PAGE, PROT_WRITE), EACCES) &&
              !can_write(at + 4 * PAGE),
          "the file stays as it is");
    check(fails(mprotect(at, -PAGE, PROT_READ), ENOMEM), "a length that wraps: ENOMEM");
    check_equal(raw6(SYS_mprotect, (long)at, -1, 1 << 20, 0, 0, 0), -ENOMEM,
                "before the rights are looked at");
    check(fails(mprotect(at, PAGE, 1 << 20), EINVAL), "unknown rights: EINVAL");
    check(fails(mprotect(at + 2 * PAGE, PAGE, GROWS_UP), ENOMEM),
          "PROT_GROWSUP of nothing");
    check(fails(mprotect(at, PAGE, GROWS_UP), EINVAL), "of what does not grow: EINVAL");
    check_equal(raw6(SYS_mprotect, (long)at, -1, GROWS_UP | GROWS_DOWN, 0, 0, 0), -EINVAL,
                "both ways, first of all");
    pages_unmap(at);
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

/* What is locked and private comes with the right to write. */
static void test_protect_locked(void)
{
    char *at = pages_map(MAP_PRIVATE);
    readable_at(at, MAP_PRIVATE);
    readable_at(at + PAGE, MAP_PRIVATE);
    mprotect(at + 2 * PAGE, 2 * PAGE, PROT_READ);
    madvise(at + 2 * PAGE, 2 * PAGE, MADV_DONTNEED);
    check(mlock(at, 4 * PAGE) == 0, "mlock of what can be read only");
    check(mprotect(at, 4 * PAGE, READ_WRITE) == 0, "mprotect: it can be written");
    long before = faults();
    for (int i = 0; i < 4; i++)
        at[i * PAGE] = 3;
    counted_equal(faults() - before, 0, "the pages are there, and the program's own");
    check(fails(madvise(at, PAGE, MADV_DONTNEED), EINVAL), "and locked still");
    check(munlock(at, 4 * PAGE) == 0 && madvise(at, 4 * PAGE, MADV_DONTNEED) == 0,
          "until they are not");
    check(at[2 * PAGE] == 0 && memcmp(at, "\177ELF", 4) == 0, "then they can be forgotten");
    mprotect(at, 4 * PAGE, PROT_READ);
    check(mlock2(at, 4 * PAGE, MLOCK_ONFAULT) == 0 &&
              mprotect(at, 4 * PAGE, READ_WRITE) == 0,
          "the same of what is locked when it is touched");
    unsigned char here[4];
    mincore(at, 4 * PAGE, here);
    check(!(here[3] & 1), "brings nothing in");
    pages_unmap(at);
}

static void test_forget(void)
{
    char *at = pages_map(MAP_PRIVATE);
    munmap(at + PAGE, PAGE);
    check(fails(madvise(at, 3 * PAGE, MADV_DONTNEED), ENOMEM),
          "MADV_DONTNEED across a hole");
    check(at[0] == 0 && at[2 * PAGE] == 0 && at[3 * PAGE] == 7, "both sides are forgotten");
    mlock(at + 4 * PAGE, PAGE);
    check(fails(madvise(at, HUGE, MADV_DONTNEED), EINVAL), "up to what is locked: EINVAL");
    check(at[3 * PAGE] == 0, "what lies before that is forgotten");
    check(at[4 * PAGE] == 7 && at[5 * PAGE] == 7, "nothing behind");
    check(madvise(at + 4 * PAGE, 2 * PAGE, MADV_LOCKED_TOO) == 0 && at[4 * PAGE] == 0 &&
              at[5 * PAGE] == 0,
          "MADV_DONTNEED_LOCKED forgets that too");
    check(fails(madvise(at, 3 * PAGE, MADV_WILLNEED), ENOMEM),
          "MADV_WILLNEED across a hole");
    check(fails(madvise(at, 6 * PAGE, MADV_COLD), EINVAL),
          "MADV_COLD up to what is locked");
    check(fails(msync(at, 3 * PAGE, MS_SYNC), ENOMEM), "msync across a hole");
    check(fails(msync(at, 6 * PAGE, MS_INVALIDATE), EBUSY), "up to what is locked: EBUSY");
    check(fails(msync(at, HUGE, MS_INVALIDATE), EBUSY), "however far it goes");
    check(fails(msync(at, -PAGE, MS_SYNC), ENOMEM), "a length that wraps: ENOMEM");
    check(msync(at, -1ul, MS_SYNC) == 0, "one that becomes nothing: 0");
    pages_unmap(at);
}

static void test_remove(void)
{
    char *at = pages_map(MAP_SHARED);
    munmap(at + PAGE, PAGE);
    check(fails(madvise(at, 3 * PAGE, MADV_REMOVE), ENOMEM), "MADV_REMOVE across a hole");
    check(at[0] == 0 && at[2 * PAGE] == 0 && at[3 * PAGE] == 7, "both sides are removed");
    mprotect(at + 3 * PAGE, PAGE, PROT_READ);
    check(madvise(at + 3 * PAGE, PAGE, MADV_REMOVE) == 0 && at[3 * PAGE] == 0,
          "it is enough that it could be made writable");
    readable_at(at + 5 * PAGE, MAP_PRIVATE);
    check(fails(madvise(at, HUGE, MADV_REMOVE), EACCES), "up to a private file: EACCES");
    check(at[4 * PAGE] == 0 && at[6 * PAGE] == 7, "what lies before that is removed");
    pages_unmap(at);
}

static void test_lock(void)
{
    char *at = pages_map(MAP_PRIVATE);
    munmap(at + PAGE, PAGE);
    check(fails(mlock(at, HUGE), ENOMEM), "mlock up to a hole: ENOMEM");
    check(fails(madvise(at, PAGE, MADV_DONTNEED), EINVAL), "what lies before it is locked");
    check(madvise(at + 2 * PAGE, PAGE, MADV_DONTNEED) == 0, "what lies behind is not");
    check(fails(munlock(at, HUGE), ENOMEM) && madvise(at, PAGE, MADV_DONTNEED) == 0,
          "munlock the same");
    check(fails(mlock(at, -PAGE), EINVAL), "a length that wraps: EINVAL");
    check(mlock((char *)FAR, 0) == 0, "nothing at all, nowhere");
    pages_unmap(at);
}

static void test_move(void)
{
    char *at = pages_map(MAP_SHARED), *mine = pages_map(MAP_PRIVATE);
    char *view = mremap(at + PAGE, 0, 2 * PAGE, MREMAP_MAYMOVE);
    check(view != MAP_FAILED && view != at + PAGE, "mremap of no length: another view");
    at[PAGE] = 9;
    check(view != MAP_FAILED && view[0] == 9 && view[PAGE] == 7, "of the same memory");
    check(mremap(at, -1ul, PAGE, MREMAP_MAYMOVE) != MAP_FAILED,
          "a length that wraps is none");
    check(mremap(at, 0, PAGE, 0) == MAP_FAILED && errno == ENOMEM,
          "it cannot stay: ENOMEM");
    check(mremap(mine, 0, PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL,
          "of private memory: EINVAL");
    check(mremap(mine, PAGE, HUGE * 2, MREMAP_MAYMOVE) == MAP_FAILED && errno == EINVAL,
          "longer than all there is: EINVAL");
    check(mremap((void *)FAR, PAGE, HUGE * 2, 0) == MAP_FAILED && errno == EINVAL,
          "even of nothing");
    check(mremap((void *)FAR, PAGE, PAGE, 0) == MAP_FAILED && errno == EFAULT,
          "of nothing: EFAULT");
    munmap(mine + 2 * PAGE, PAGE);
    check(mremap(mine, PAGES * PAGE, 2 * PAGE, 0) == mine, "shorter, across a hole");
    check(fails(msync(mine + 3 * PAGE, PAGE, MS_ASYNC), ENOMEM),
          "what lies behind has gone");
    check(mremap(mine, 3 * PAGE, 4 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT,
          "longer, from beyond its end: EFAULT");
    pages_unmap(mine);
    pages_unmap(at);
}

/* Several regions to a fixed place: newer kernels do it. */
static void test_move_many(void)
{
    char *at = pages_map(MAP_PRIVATE), *to = pages_map(MAP_PRIVATE);
    memset(to, 5, PAGES * PAGE);
    mprotect(at + PAGE, PAGE, PROT_READ);
    munmap(at + 3 * PAGE, PAGE);
    void *moved = mremap(at, 5 * PAGE, 5 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    if (moved == MAP_FAILED && !on_faultline()) {
        check_skip("this kernel moves one region", "several regions move");
    } else {
        check(moved == to, "several regions move");
        check(to[0] == 7 && to[PAGE] == 7 && to[4 * PAGE] == 7, "each with its pages");
        check(!can_write(to + PAGE) && can_write(to + 2 * PAGE), "and its rights");
        check(to[3 * PAGE] == 5 && to[5 * PAGE] == 5, "beside the hole nothing changes");
        check(fails(msync(at, PAGE, MS_ASYNC), ENOMEM), "where they were is nothing");
    }
    check(mremap(at + 3 * PAGE, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) ==
                  MAP_FAILED &&
              errno == EFAULT,
          "a range that begins in a hole: EFAULT");
    pages_unmap(to);
    pages_unmap(at);
}

int main(void)
{
    test_protect();
    test_protect_locked();
    test_forget();
    test_remove();
    test_lock();
    test_move();
    test_move_many();
    return tap_end();
}
