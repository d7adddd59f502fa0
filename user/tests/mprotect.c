/* mprotect.c - rights: what each allows and refuses, that taking one away works at once
 * (the translation is flushed), and that regions split and merge around the change. */
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
#include <sys/mman.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE, RETURN = 0xc3 };

static bool allowed(enum access how, const char *address)
{
    return !probe(how, (uintptr_t)address).refused;
}

/* Lines of /proc/self/maps that lie within the range. */
static int regions_within(const char *start, size_t length)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[256];
    int regions = 0;

    if (!maps)
        bail("/proc/self/maps");
    while (fgets(line, sizeof(line), maps)) {
        uintptr_t from, to;

        if (sscanf(line, "%lx-%lx", &from, &to) == 2)
            regions += from < (uintptr_t)start + length && to > (uintptr_t)start;
    }
    fclose(maps);
    return regions;
}

static void test_rights(void)
{
    static const struct {
        int rights;
        bool read, write, execute;
        const char *name;
    } cases[] = {
        {PROT_NONE, false, false, false, "---"},
        {PROT_READ, true, false, false, "r--"},
        {READ_WRITE, true, true, false, "rw-"},
        {PROT_READ | PROT_EXEC, true, false, true, "r-x"},
        {READ_WRITE | PROT_EXEC, true, true, true, "rwx"},
    };
    char *page = region_map(1);

    page[0] = (char)RETURN;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_equal(mprotect(page, PAGE, cases[i].rights), 0, "mprotect to %s",
                    cases[i].name);
        check(allowed(ACCESS_READ, page) == cases[i].read &&
                  allowed(ACCESS_WRITE, page + 1) == cases[i].write &&
                  allowed(ACCESS_EXECUTE, page) == cases[i].execute,
              "%s allows that and no more", cases[i].name);
    }
    check((unsigned char)page[0] == RETURN, "what the page holds survives every change");
    munmap(page, PAGE);
}

/* The page is touched just before, so that its translation is in the TLB. */
static void write_after_downgrade(uintptr_t address)
{
    volatile char *page = (volatile char *)address;

    page[0] = 1;
    mprotect((void *)address, PAGE, PROT_READ);
    page[0] = 2;
}

static void read_after_downgrade(uintptr_t address)
{
    volatile char *page = (volatile char *)address;

    page[0] = 1;
    mprotect((void *)address, PAGE, PROT_NONE);
    (void)page[0];
}

static void test_flush(void)
{
    char *page = region_map(1);
    struct refusal refusal = probe_step(write_after_downgrade, (uintptr_t)page);

    check(refusal.signal == SIGSEGV && refusal.code == SEGV_ACCERR,
          "a write just after writing was forbidden is refused");
    check_equal(refusal.address, (uintptr_t)page, "si_addr is the address");
    refusal = probe_step(read_after_downgrade, (uintptr_t)page);
    check(refusal.signal == SIGSEGV && refusal.code == SEGV_ACCERR,
          "a read just after reading was forbidden is refused");
    munmap(page, PAGE);
}

static void test_split(void)
{
    char *region = region_map(5);

    region[0] = region[2 * PAGE] = region[4 * PAGE] = 9;
    int before = regions_within(region, 5 * PAGE);
    check_equal(mprotect(region + 2 * PAGE, PAGE, PROT_READ), 0, "one page in the middle");
    check_equal(regions_within(region, 5 * PAGE), before + 2, "splits a region in three");
    check(!allowed(ACCESS_WRITE, region + 2 * PAGE), "that page is read-only");
    check(allowed(ACCESS_WRITE, region + PAGE) && allowed(ACCESS_WRITE, region + 3 * PAGE),
          "its neighbours are not");
    check_equal(mprotect(region + 2 * PAGE, PAGE, READ_WRITE), 0, "and back");
    check_equal(regions_within(region, 5 * PAGE), before, "merges them again");
    check(region[0] == 9 && region[2 * PAGE] == 9 && region[4 * PAGE] == 9,
          "and nothing is lost");
    munmap(region, 5 * PAGE);
}

static void test_refused(void)
{
    char *region = region_map(3);
    int fd = open("/proc/self/exe", O_RDONLY);
    void *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

    check_equal(raw3(SYS_mprotect, (long)region + 1, PAGE, PROT_READ), -EINVAL,
                "an address inside a page");
    check_equal(raw3(SYS_mprotect, (long)region, PAGE, 0xff), -EINVAL, "unknown rights");
    check_equal(raw3(SYS_mprotect, (long)region, 0, PROT_READ), 0,
                "length 0 is allowed and changes nothing");
    check_equal(raw3(SYS_mprotect, (long)region, -(long)PAGE, PROT_READ), -ENOMEM,
                "a length that wraps");
    check_equal(raw3(SYS_mprotect, -16L * PAGE, PAGE, PROT_READ), -ENOMEM,
                "a kernel address");
    munmap(region + PAGE, PAGE);
    check_equal(raw3(SYS_mprotect, (long)region, 3 * PAGE, PROT_READ), -ENOMEM,
                "a range with a hole");
    check_equal(raw3(SYS_mprotect, (long)region + PAGE, PAGE, PROT_READ), -ENOMEM,
                "a range with nothing");
    if (shared == MAP_FAILED)
        check_skip("/proc/self/exe cannot be mapped", "rights beyond the file's");
    else
        check_equal(raw3(SYS_mprotect, (long)shared, PAGE, READ_WRITE), -EACCES,
                    "writing through a shared view of a file opened for reading");
}

static void test_copy_on_write(void)
{
    char *page = region_map(1);

    (void)*(volatile char *)page;
    mprotect(page, PAGE, PROT_READ);
    mprotect(page, PAGE, READ_WRITE);
    page[0] = 3;
    char *other = region_map(1);
    check_equal(other[0], 0, "the page of zeroes is not made writable by mprotect");
    munmap(page, PAGE);
    munmap(other, PAGE);
}

int main(void)
{
    test_rights();
    test_flush();
    test_split();
    test_refused();
    test_copy_on_write();
    return tap_end();
}
