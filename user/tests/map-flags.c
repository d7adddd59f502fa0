/* map-flags.c - the flags of mmap, mprotect and mlock: each is kept, or refused. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE, PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS };

static long map(long address, long length, int rights, long flags, int fd)
{
    return raw6(SYS_mmap, address, length, rights, flags, fd, 0);
}

/* So many pages at which nothing is. */
static long room(long pages)
{
    long place = map(0, pages * PAGE, PROT_NONE, PRIVATE, -1);

    raw3(SYS_munmap, place, pages * PAGE, 0);
    return place;
}

/* The line of maps for the region at `address`; its length in pages. */
static long region_line(long address, char *line, int size)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long start, end;
    long pages = 0;

    while (!pages && fgets(line, size, maps))
        if (sscanf(line, "%lx-%lx", &start, &end) == 2 && start <= (unsigned long)address &&
            (unsigned long)address < end)
            pages = (end - start) / PAGE;
    fclose(maps);
    return pages;
}

static long region_pages(long address)
{
    char line[400];

    return region_line(address, line, sizeof(line));
}

/* --- MAP_GROWSDOWN ------------------------------------------------------------------------ */

static void write_at(long address)
{
    *(volatile char *)address = 1;
}

static bool can_write(long address)
{
    return !probe(ACCESS_WRITE, address).refused;
}

static void test_grows(void)
{
    long area = room(1024), stack = area + 1000 * PAGE;

    check_equal(map(stack, 2 * PAGE, READ_WRITE, PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1),
                stack, "MAP_GROWSDOWN");
    write_at(stack - 1);
    check_equal(region_pages(stack), 3, "a touch just below makes it a page longer");
    write_at(stack - 9 * PAGE);
    check_equal(region_pages(stack), 11, "one further below, longer by all between");
    map(area + 500 * PAGE, PAGE, READ_WRITE, PRIVATE | MAP_FIXED, -1);
    check(can_write(area + 757 * PAGE), "256 pages above a neighbour it may still be");
    check(!can_write(area + 756 * PAGE), "but not nearer");
    check(!can_write(area + 501 * PAGE), "nor just above it");
    raw3(SYS_mprotect, area + 500 * PAGE, PAGE, PROT_NONE);
    check(can_write(area + 501 * PAGE), "above what nobody can touch it may");
    map(area + 500 * PAGE, PAGE, READ_WRITE, PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1);
    check(can_write(area + 501 * PAGE), "and above another such region");
    raw3(SYS_munmap, area, 1024 * PAGE, 0);
}

static void test_grows_to_limit(void)
{
    struct rlimit limit = {64 * PAGE, RLIM_INFINITY}, old;
    long area = room(1024), stack = area + 1000 * PAGE;

    map(stack, PAGE, READ_WRITE, PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1);
    getrlimit(RLIMIT_STACK, &old);
    setrlimit(RLIMIT_STACK, &limit);
    check(can_write(stack - 63 * PAGE), "it may be as long as RLIMIT_STACK says");
    check(!can_write(stack - 64 * PAGE), "and no longer");
    setrlimit(RLIMIT_STACK, &old);
    raw3(SYS_munmap, stack, PAGE, 0);
}

static void test_grows_keeps_others_away(void)
{
    long area = room(1024), stack = area + 1000 * PAGE;

    map(stack, PAGE, READ_WRITE, PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1);
    long other = map(stack - 2 * PAGE, PAGE, READ_WRITE, PRIVATE, -1);
    check(other > 0 && other != stack - 2 * PAGE, "a wish within the gap is not granted");
    check_equal(map(stack - 257 * PAGE, PAGE, READ_WRITE, PRIVATE, -1), stack - 257 * PAGE,
                "one below it is");
    check_equal(map(stack - 2 * PAGE, PAGE, READ_WRITE, PRIVATE | MAP_FIXED_NOREPLACE, -1),
                stack - 2 * PAGE, "an order is");
    raw3(SYS_munmap, other, PAGE, 0);
    raw3(SYS_munmap, area, 1024 * PAGE, 0);
}

static void test_grows_protect(void)
{
    const long down = 0x01000000, up = 0x02000000;
    long area = room(64), stack = area + 32 * PAGE,
         plain = map(0, PAGE, READ_WRITE, PRIVATE, -1);

    map(stack, 4 * PAGE, READ_WRITE, PRIVATE | MAP_GROWSDOWN | MAP_FIXED, -1);
    check_equal(raw3(SYS_mprotect, stack + 3 * PAGE, PAGE, PROT_READ | down), 0,
                "PROT_GROWSDOWN from the last page");
    check(!can_write(stack), "goes down to the first");
    check_equal(raw3(SYS_mprotect, plain, PAGE, PROT_READ | down), -EINVAL,
                "PROT_GROWSDOWN of what does not grow");
    check_equal(raw3(SYS_mprotect, stack, PAGE, READ_WRITE | up), -EINVAL, "PROT_GROWSUP");
    check_equal(raw3(SYS_mprotect, stack, PAGE, READ_WRITE | up | down), -EINVAL, "both");
    check_equal(raw3(SYS_mprotect, area, PAGE, READ_WRITE | down), -ENOMEM,
                "PROT_GROWSDOWN where nothing is");
    check_equal(raw3(SYS_mprotect, stack, PAGE, READ_WRITE | 8), 0,
                "PROT_SEM changes nothing");
    check_equal(raw3(SYS_mprotect, stack, PAGE, 16), -EINVAL, "an unknown right");
    raw3(SYS_munmap, stack, 4 * PAGE, 0);
    raw3(SYS_munmap, plain, PAGE, 0);
}

/* --- Locked --------------------------------------------------------------------------------- */

static bool all_in_core(long start, unsigned pages)
{
    unsigned char core[16] = {0};
    bool all = raw3(SYS_mincore, start, (long)pages * PAGE, (long)core) == 0;

    for (unsigned i = 0; i < pages; i++)
        all = all && (core[i] & 1);
    return all;
}

static void locked_is_kept(long at, const char *how)
{
    check(all_in_core(at, 4), "%s: all of it is resident", how);
    check_equal(raw3(SYS_madvise, at, PAGE, MADV_DONTNEED), -EINVAL,
                "%s: MADV_DONTNEED is refused", how);
    check_equal(raw3(SYS_msync, at, PAGE, MS_INVALIDATE), -EBUSY,
                "%s: MS_INVALIDATE is refused", how);
    raw3(SYS_munlock, at, 4 * PAGE, 0);
    check_equal(raw3(SYS_madvise, at, PAGE, MADV_DONTNEED), 0, "%s: until munlock", how);
    raw3(SYS_munmap, at, 4 * PAGE, 0);
}

static void test_locked(int fd)
{
    const long locked = MAP_LOCKED | MAP_NONBLOCK;

    locked_is_kept(map(0, 4 * PAGE, READ_WRITE, PRIVATE | locked, -1), "MAP_LOCKED");
    locked_is_kept(map(0, 4 * PAGE, READ_WRITE, MAP_SHARED | locked, fd), "of a file");
    long at = map(0, 4 * PAGE, READ_WRITE, PRIVATE, -1);
    raw3(SYS_mlock, at, 4 * PAGE, 0);
    locked_is_kept(at, "mlock");
    mlockall(MCL_FUTURE);
    at = map(0, 4 * PAGE, READ_WRITE, PRIVATE, -1);
    locked_is_kept(at, "MCL_FUTURE");
    munlockall();
}

static void test_locked_on_fault(void)
{
    volatile char *at = (char *)map(0, 4 * PAGE, READ_WRITE, PRIVATE, -1);

    check_equal(raw3(SYS_mlock2, (long)at, 4 * PAGE, 1), 0, "MLOCK_ONFAULT");
    check(!all_in_core((long)at, 1), "brings nothing in");
    at[PAGE] = 1;
    check_equal(raw3(SYS_madvise, (long)at, 4 * PAGE, MADV_DONTNEED), -EINVAL,
                "and locks what comes");
    check_equal(raw3(SYS_mlock2, (long)at, PAGE, 2), -EINVAL, "an unknown flag of mlock2");
    raw3(SYS_munmap, (long)at, 4 * PAGE, 0);
    at = (char *)map(0, 2 * PAGE, PROT_NONE, PRIVATE, -1);
    check_equal(raw3(SYS_mlock, (long)at, PAGE, 0), -ENOMEM,
                "mlock of what cannot be touched");
    raw3(SYS_munmap, (long)at, 2 * PAGE, 0);
}

/* --- Others of mmap --------------------------------------------------------------------------- */

/* What grows while it is locked, or because all that comes is, is in memory at once. */
static void test_locked_grows(void)
{
    long at = map(0, 2 * PAGE, READ_WRITE, PRIVATE, -1);

    mlock((void *)at, 2 * PAGE);
    at = (long)mremap((void *)at, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
    check(all_in_core(at, 8), "mremap of what is locked brings the new pages in");
    munmap((void *)at, 8 * PAGE);
    mlockall(MCL_FUTURE);
    long end = raw3(SYS_brk, 0, 0, 0), first = (end + PAGE - 1) / PAGE * PAGE;
    raw3(SYS_brk, first + 4 * PAGE, 0, 0);
    check(all_in_core(first, 4), "and so does brk under MCL_FUTURE");
    raw3(SYS_brk, end, 0, 0);
    munlockall();
    mlockall(MCL_FUTURE | MCL_ONFAULT);
    at = map(0, 8 * PAGE, READ_WRITE, PRIVATE, -1);
    check(!all_in_core(at, 8), "but not where MCL_ONFAULT says so");
    munlockall();
    munmap((void *)at, 8 * PAGE);
}

static void test_places(void)
{
    long low = map(0, 3 * PAGE, READ_WRITE, PRIVATE | MAP_32BIT, -1);

    check(low > 0 && low + 3 * PAGE <= 1l << 31, "MAP_32BIT: below 2 GiB");
    check_equal(map(low - 16 * PAGE, PAGE, READ_WRITE, PRIVATE | MAP_32BIT, -1),
                low - 16 * PAGE, "a wish below is granted");
    long other = map(1l << 40, PAGE, READ_WRITE, PRIVATE | MAP_32BIT, -1);
    check(other > 0 && other < 1l << 31, "one above is not");
    check_equal(map(0, 1l << 31, READ_WRITE, PRIVATE | MAP_32BIT | MAP_NORESERVE, -1),
                -ENOMEM, "more than there is below");
}

static void test_refused(int fd)
{
    const long validate = 3;

    check_equal(map(0, PAGE, PROT_READ, MAP_SHARED, -1), -EBADF, "no file");
    check(map(0, PAGE, PROT_READ, validate, fd) > 0, "MAP_SHARED_VALIDATE");
    check_equal(map(0, PAGE, PROT_READ, validate | 0x800000, fd), -EOPNOTSUPP,
                "MAP_SHARED_VALIDATE and an unknown flag");
    check_equal(map(0, PAGE, PROT_READ, validate | MAP_SYNC, fd), -EOPNOTSUPP, "MAP_SYNC");
    check(map(0, PAGE, PROT_READ, MAP_SHARED | 0x800000, fd) > 0,
          "MAP_SHARED does not look");
    check_equal(map(0, PAGE, PROT_READ, validate | MAP_ANONYMOUS, -1), -EINVAL,
                "MAP_SHARED_VALIDATE without a file");
    check_equal(map(0, PAGE, PROT_READ, MAP_SHARED | MAP_GROWSDOWN, fd), -EINVAL,
                "shared, and growing down");
    check_equal(map(0, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1),
                -EINVAL, "the same without a file");
    check_equal(map(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_HUGETLB, fd), -EINVAL,
                "huge pages of a file that has none");
}

static void test_rights(void)
{
    char line[400];
    int zero = open("/dev/zero", O_RDONLY);
    long at = map(0, PAGE, PROT_READ, MAP_SHARED, zero);

    check_equal(raw3(SYS_mprotect, at, PAGE, READ_WRITE), -EACCES,
                "/dev/zero, opened for reading and shared, stays read-only");
    check_equal(map(0, PAGE, READ_WRITE, MAP_SHARED, zero), -EACCES,
                "and is refused writable");
    at = map(0, PAGE, PROT_WRITE, PRIVATE, -1);
    region_line(at, line, sizeof(line));
    check(strstr(line, " -w-p ") != NULL, "maps says -w- where that was asked for");
    check_equal(*(volatile char *)at, 0, "though it can be read");
    write_at(at);
    raw3(SYS_mprotect, at, PAGE, PROT_EXEC);
    region_line(at, line, sizeof(line));
    check(strstr(line, " --xp ") != NULL, "and --x");
    raw3(SYS_munmap, at, PAGE, 0);
    close(zero);
}

int main(void)
{
    int fd = open("map-flags", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (ftruncate(fd, 4 * PAGE) != 0)
        bail("ftruncate");
    test_grows();
    test_grows_to_limit();
    test_grows_keeps_others_away();
    test_grows_protect();
    test_locked(fd);
    test_locked_on_fault();
    test_locked_grows();
    test_places();
    test_refused(fd);
    test_rights();
    unlink("map-flags");
    return tap_end();
}
