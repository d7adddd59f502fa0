/* soft-dirty.c - which pages were written since /proc/PID/clear_refs was told 4: bit 55 of
 * /proc/PID/pagemap, for whoever copies a running program to somewhere else. A page that is
 * missed is a page lost; one too many costs only its copying. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGES = 6, READ_WRITE = PROT_READ | PROT_WRITE };

#define WRITTEN (1ull << 55)
#define SWAPPED (1ull << 62)

static int map_file;

/* Write 4 to clear_refs. */
static void ask(void)
{
    int fd = open("/proc/self/clear_refs", O_WRONLY);

    if (fd < 0 || write(fd, "4", 1) != 1)
        bail("clear_refs");
    close(fd);
}

static uint64_t entry_of(const volatile char *page)
{
    uint64_t entry = 0;

    if (pread(map_file, &entry, 8, (uintptr_t)page / PAGE * 8) != 8)
        bail("pagemap");
    return entry;
}

/* The pages from `at` on that were written: a bit each. */
static unsigned written(const volatile char *at)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < PAGES; i++)
        bits |= (entry_of(at + (size_t)i * PAGE) & WRITTEN ? 1u : 0u) << i;
    return bits;
}

static volatile char *pages_map(int flags, int fd)
{
    void *at = mmap(NULL, PAGES * PAGE, READ_WRITE, flags, fd, 0);

    if (at == MAP_FAILED)
        bail("mmap");
    return at;
}

static void pages_unmap(volatile char *at)
{
    munmap((void *)at, PAGES * PAGE);
}

static void pages_write(volatile char *at, unsigned bits, char value)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (bits >> i & 1)
            at[i * PAGE] = value;
}

static void pages_read(const volatile char *at)
{
    for (unsigned i = 0; i < PAGES; i++)
        (void)at[i * PAGE];
}

static void check_contents(const volatile char *at, const char *values, const char *where)
{
    char got[PAGES + 1] = "";

    for (unsigned i = 0; i < PAGES; i++)
        got[i] = at[i * PAGE];
    check(memcmp(got, values, PAGES) == 0, "%s: contents are as they were written", where);
}

static void test_writes(volatile char *at, const char *where)
{
    check_equal(written(at), 077, "%s: a new region is written, all of it", where);
    pages_write(at, 017, 'a');
    pages_write(at, 060, 'b');
    ask();
    check_equal(written(at), 0, "%s: nothing, once asked", where);
    pages_read(at);
    check_equal(written(at), 0, "%s: reading is not writing", where);
    pages_write(at, 022, 'c');
    check_equal(written(at), 022, "%s: what is written", where);
    ask();
    check_equal(written(at), 0, "%s: asked again", where);
    pages_write(at, 1, 'd');
    check_equal(written(at), 1, "%s: and again what is written", where);
    check_contents(at, "dcaacb", where);
    pages_unmap(at);
}

/* Not there when it was asked: read first, or written at once. */
static void test_untouched(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

    ask();
    check_equal(written(at), 0, "untouched: nothing");
    (void)at[0];
    (void)at[PAGE];
    check_equal(written(at), 0, "untouched, read: nothing");
    pages_write(at, 012, 'x');
    check_equal(written(at), 012, "written, after reading and at once");
    madvise((void *)(at + 3 * PAGE), PAGE, MADV_DONTNEED);
    check_equal(written(at), 2, "given up: nothing was written");
    pages_unmap(at);
}

static void test_file(void)
{
    int fd = memfd_create("file", 0);

    if (fd < 0 || ftruncate(fd, PAGES * PAGE) != 0)
        bail("memfd");
    test_writes(pages_map(MAP_SHARED, fd), "a file, shared");
    test_writes(pages_map(MAP_PRIVATE, fd), "a file, privately");
    volatile char *one = pages_map(MAP_SHARED, fd), *other = pages_map(MAP_SHARED, fd);
    pages_read(other);
    ask();
    pages_write(one, 5, 'x');
    check_equal(written(one), 5, "seen where it was written");
    check_equal(written(other), 0, "and not where only the page is the same");
    pages_write(other, 2, 'x');
    check_equal(written(other), 2, "each by its own entries");
    pages_unmap(one);
    pages_unmap(other);
    close(fd);
}

/* The kernel writes for the program: calls, and from outside. */
static void test_kernel(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    struct iovec here = {"x", 1}, there = {(void *)(at + 4 * PAGE), 1};
    int zero = open("/dev/zero", O_RDONLY), memory = open("/proc/self/mem", O_RDWR);

    pages_write(at, 077, 'a');
    mprotect((void *)(at + 5 * PAGE), PAGE, PROT_NONE);
    ask();
    check(read(zero, (void *)(at + PAGE), 1) == 1 && written(at) == 2, "by read");
    check(process_vm_writev(getpid(), &here, 1, &there, 1, 0) == 1 && written(at) == 022,
          "by process_vm_writev");
    check(pwrite(memory, "x", 1, (off_t)(uintptr_t)(at + 5 * PAGE)) == 1 &&
              written(at) == 062,
          "by /proc/PID/mem where the program may not");
    check(process_vm_readv(getpid(), &here, 0, &there, 1, 0) == 0 && written(at) == 062,
          "not by what reads");
    close(zero);
    close(memory);
    pages_unmap(at);
}

static void test_rights(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

    pages_write(at, 077, 'a');
    ask();
    pages_write(at, 1, 'b');
    mprotect((void *)at, PAGES * PAGE, PROT_READ);
    check_equal(written(at), 1, "mprotect: as it was");
    mprotect((void *)at, PAGES * PAGE, READ_WRITE);
    pages_write(at, 010, 'b');
    check_equal(written(at), 011, "with the right to write again: what is written");
    mprotect((void *)at, PAGES * PAGE, PROT_READ);
    mprotect((void *)at, PAGES * PAGE, PROT_NONE);
    check_equal(written(at), 011, "without rights: as it was");
    mprotect((void *)at, PAGES * PAGE, READ_WRITE);
    pages_read(at);
    check_equal(written(at), 011, "with all rights again: as it was");
    pages_write(at, 044, 'b');
    check_equal(written(at), 055, "and what is written");
    check_contents(at, "babbab", "mprotect");
    pages_unmap(at);
}

/* New memory that becomes one region with old. */
static void test_joined(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

    munmap((void *)(at + 4 * PAGE), 2 * PAGE);
    ask();
    (void)at[0];
    mmap((void *)(at + 4 * PAGE), 2 * PAGE, READ_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check_equal(written(at) & 060, 060, "new memory is written, whatever it is joined to");
    pages_unmap(at);
}

static void test_moved(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    void *room = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    pages_write(at, 017, 'a');
    ask();
    volatile char *there =
        mremap((void *)at, PAGES * PAGE, PAGES * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
    check_equal(written(there) & 017, 017, "moved: what is there counts as written");
    ask();
    pages_write(there, 1, 'b');
    check_equal(written(there), 1, "and is asked anew");
    void *again = mmap((void *)there, PAGES * PAGE, READ_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check_equal(written(again), 077, "another region in its place is new");
    pages_unmap(again);
}

static int child_looks(void *argument)
{
    volatile char *at = argument;

    if (written(at) != 3)
        return 1;
    close(map_file);
    map_file = open("/proc/self/pagemap", O_RDONLY);
    if (written(at) != 3)
        return 2;
    at[3 * PAGE] = 'c';
    if (written(at) != 013)
        return 3;
    ask();
    return written(at) == 0 ? 0 : 4;
}

static void test_fork(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

    pages_write(at, 077, 'a');
    ask();
    pages_write(at, 3, 'b');
    check_equal(child_run(child_looks, (void *)at), 0, "a child has its parent's marks");
    check_equal(written(at), 3, "and its own from then on");
    pages_write(at, 4, 'b');
    check_equal(written(at), 7, "written after fork, alone again");
    pages_unmap(at);
}

/* Until the pages have left memory. (Private memory could become one region with them, all of it
 * new.) */
static bool push_out(const volatile char *at)
{
    size_t pages = memory_free() / 4 * 5 / 4;
    volatile char *much =
        mmap(NULL, pages * PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (much == MAP_FAILED)
        return false;
    for (size_t i = 0; i < pages; i++)
        much[i * PAGE] = 1;
    munmap((void *)much, pages * PAGE);
    return entry_of(at) & SWAPPED && entry_of(at + PAGE) & SWAPPED;
}

static void test_swapped(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);

    pages_write(at, 077, 'a');
    ask();
    pages_write(at, 1, 'b');
    if (field_read("/proc/meminfo", "SwapFree") < memory_free() || !push_out(at)) {
        check_skip("no pages went out", "marks are kept in the swap area");
        return;
    }
    check_equal(written(at), 1, "swapped out: as it was");
    pages_read(at);
    check_equal(written(at), 1, "read in: as it was");
    pages_write(at, 030, 'b');
    check_equal(written(at), 031, "and what is written");
    push_out(at);
    ask();
    check_equal(written(at), 0, "asked while they are out");
    pages_write(at, 2, 'c');
    check_equal(written(at), 2, "and brought in by writing");
    check_contents(at, "bcabba", "swapped");
    pages_unmap(at);
}

static bool region_flag(const volatile char *at, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512], start[32];
    bool inside = false, found = false;

    snprintf(start, sizeof(start), "%08lx-", (unsigned long)(uintptr_t)at);
    while (file && !found && fgets(line, sizeof(line), file)) {
        inside |= strncmp(line, start, strlen(start)) == 0;
        if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            found = strstr(line, flag) != NULL;
            break;
        }
    }
    if (file)
        fclose(file);
    return found;
}

static void test_smaps(void)
{
    volatile char *at = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1) + PAGE;

    mprotect((void *)(at - PAGE), PAGE, PROT_NONE);
    check(region_flag(at, " sd"), "smaps: a new region has sd");
    ask();
    check(!region_flag(at, " sd"), "and none once asked");
    pages_unmap(at - PAGE);
}

int main(void)
{
    map_file = open("/proc/self/pagemap", O_RDONLY);
    volatile char *probe = pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    if (!on_faultline() && !(entry_of(probe) & WRITTEN)) {
        check_skip("this Linux does not track writes", "all of it");
        return tap_end();
    }
    pages_unmap(probe);
    test_writes(pages_map(MAP_PRIVATE | MAP_ANONYMOUS, -1), "private");
    test_writes(pages_map(MAP_SHARED | MAP_ANONYMOUS, -1), "shared");
    test_untouched();
    test_file();
    test_kernel();
    test_rights();
    test_joined();
    test_moved();
    test_fork();
    test_smaps();
    test_swapped();
    return tap_end();
}
