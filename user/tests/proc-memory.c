/* proc-memory.c - what /proc tells programs about memory: pagemap, kpagecount, kpageflags,
 * smaps, clear_refs, auxv, sys and sysvipc. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE };

#define WRITTEN   (1ull << 55)
#define EXCLUSIVE (1ull << 56)
#define FILE_PAGE (1ull << 61)
#define PRESENT   (1ull << 63)
#define FRAME     ((1ull << 55) - 1)

static uint64_t word_read(const char *path, uint64_t index)
{
    uint64_t word = UINT64_MAX;
    int fd = open(path, O_RDONLY);

    if (fd < 0 || pread(fd, &word, 8, index * 8) != 8)
        word = UINT64_MAX;
    close(fd);
    return word;
}

static uint64_t entry_of(const volatile void *address)
{
    return word_read("/proc/self/pagemap", (uintptr_t)address / PAGE);
}

static uint64_t count_of(const volatile void *address)
{
    return word_read("/proc/kpagecount", entry_of(address) & FRAME);
}

static uint64_t flags_of(const volatile void *address)
{
    return word_read("/proc/kpageflags", entry_of(address) & FRAME);
}

static void test_pagemap(void)
{
    volatile char *at = region_map(4);

    check((entry_of(at) & ~WRITTEN) == 0, "nothing where nothing was touched");
    at[PAGE] = 1;
    check(entry_of(at + PAGE) & PRESENT, "a page that was written is present");
    check(entry_of(at + PAGE) & EXCLUSIVE, "and ours alone");
    check(!(entry_of(at + PAGE) & FILE_PAGE), "and of no file");
    check((entry_of(at + 2 * PAGE) & ~WRITTEN) == 0, "its neighbour is not");
    uint64_t four[4];
    int fd = open("/proc/self/pagemap", O_RDONLY);
    check(pread(fd, four, 32, (uintptr_t)at / PAGE * 8) == 32, "four words at once");
    check((four[0] & ~WRITTEN) == 0 && (four[1] & PRESENT) && (four[3] & ~WRITTEN) == 0,
          "in order");
    check(pread(fd, four, 7, 0) == -1, "half a word is refused");
    check(pread(fd, four, 8, 4) == -1, "so is half a position");
    close(fd);
    char *all = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    all[0] = 1;
    check(entry_of(all) & FILE_PAGE, "shared memory shows as a file's");
    munmap(all, PAGE);
    munmap((void *)at, 4 * PAGE);
}

static int child_counts(void *argument)
{
    volatile char *at = argument;

    return count_of(at) == 2 && !(entry_of(at) & EXCLUSIVE) ? 0 : 1;
}

static void test_counts(void)
{
    volatile char *at = region_map(1);

    at[0] = 1;
    if ((entry_of(at) & FRAME) == 0 || count_of(at) == UINT64_MAX) {
        check_skip("frames are not told", "kpagecount, kpageflags");
        return;
    }
    check_equal(count_of(at), 1, "kpagecount: one entry maps it");
    check(child_run(child_counts, (void *)at) == 0, "two in a child, and not exclusive");
    check_equal(count_of(at), 1, "one again when it has gone");
    uint64_t flags = flags_of(at);
    check(flags >> 12 & 1, "kpageflags: ANON");
    check(flags >> 11 & 1, "MMAP");
    check(flags >> 14 & 1, "SWAPBACKED");
    check(!(flags >> 10 & 1), "not BUDDY");
    munmap((void *)at, PAGE);
}

/* Of each kind there is a frame; free ones are where a page has just gone. */
static void test_kinds(void)
{
    volatile char *at = region_map(2),
                  *all = mmap(NULL, PAGE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t tables = 0, kernels = 0, free = 0, some[512];
    int fd = open("/proc/kpageflags", O_RDONLY);

    if (!on_faultline() || fd < 0) {
        check_skip("other kernels have other kinds",
                   "kpageflags: what a frame is used for");
        return;
    }
    (void)*at, all[0] = 1;
    if (getenv("TAP_SCARCE")) /* a group's fault may bring a page of its own */
        check_skip("where frames are few", "ZERO_PAGE and MMAP: read, never written");
    else
        check_equal(flags_of(at), 1 << 24 | 1 << 11,
                    "ZERO_PAGE and MMAP: read, never written");
    check(!(flags_of(all) >> 12 & 1), "no ANON: a shared page");
    check((flags_of(all) >> 5 & 1) && !(flags_of(all) >> 18 & 1), "LRU: it can be evicted");
    check(mlock((void *)all, PAGE) == 0 && (flags_of(all) >> 18 & 1) &&
              !(flags_of(all) >> 5 & 1),
          "UNEVICTABLE when locked");
    for (ssize_t got; (got = read(fd, some, sizeof(some))) > 0;)
        for (size_t i = 0; i < (size_t)got / 8; i++) {
            tables += some[i] == 1 << 26;
            kernels += some[i] == 1ul << 32;
            free += some[i] == 1 << 10;
        }
    check(tables > 3, "PGTABLE: we have some ourselves");
    check(kernels > 0, "RESERVED: the kernel");
    check(free > 0, "BUDDY: nobody's");
    close(fd);
    munmap((void *)all, PAGE);
    munmap((void *)at, 2 * PAGE);
}

/* The number behind `name` in what smaps says of the region that begins at `at`. */
static long smaps_field(const volatile void *at, const char *name)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[512], start[32];
    bool inside = false;
    long value = -1;

    if (!file)
        bail("/proc/self/smaps");
    snprintf(start, sizeof(start), "%08lx-", (unsigned long)(uintptr_t)at);
    while (value < 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, start, strlen(start)) == 0)
            inside = true;
        else if (inside && strncmp(line, name, strlen(name)) == 0)
            value = atol(line + strlen(name));
    }
    fclose(file);
    return value;
}

/* Eight pages that are a region of their own, between two that nobody may touch. */
static volatile char *region_alone(void)
{
    volatile char *room = region_map(12);

    mprotect((void *)room, 2 * PAGE, PROT_NONE);
    mprotect((void *)(room + 10 * PAGE), 2 * PAGE, PROT_NONE);
    return room + 2 * PAGE;
}

static int child_writes(void *argument)
{
    *(volatile char *)argument = 2;
    return smaps_field(argument, "Private_Dirty:") == 4 ? 0 : 1;
}

static int child_looks(void *argument)
{
    long shared =
        smaps_field(argument, "Shared_Dirty:") + smaps_field(argument, "Shared_Clean:");

    return smaps_field(argument, "Pss:") == 6 && shared == 12 ? 0 : 1;
}

static void test_smaps(void)
{
    volatile char *at = region_alone();

    for (int i = 0; i < 3; i++)
        at[i * PAGE] = 1;
    check_equal(smaps_field(at, "Size:"), 32, "Size");
    check_equal(smaps_field(at, "Rss:"), 12, "Rss");
    check_equal(smaps_field(at, "Pss:"), 12, "Pss");
    check_equal(smaps_field(at, "Private_Dirty:"), 12, "Private_Dirty");
    check_equal(smaps_field(at, "Shared_Dirty:"), 0, "Shared_Dirty");
    check_equal(smaps_field(at, "Anonymous:"), 12, "Anonymous");
    check_equal(smaps_field(at, "Locked:"), 0, "Locked");
    check(child_run(child_writes, (void *)at) == 0,
          "a child has one page of its own after writing to it");
    check(child_run(child_looks, (void *)at) == 0,
          "before, all are shared, half of each its own");
    mlock((void *)at, 8 * PAGE);
    check_equal(smaps_field(at, "Locked:"), 32, "Locked, once it is");
    check(field_read("/proc/self/smaps_rollup", "Rss") >= 12, "smaps_rollup");
    munmap((void *)(at - 2 * PAGE), 12 * PAGE);
}

static void test_referenced(void)
{
    volatile char *at = region_alone();

    at[0] = 1;
    at[PAGE] = 1;
    check_equal(smaps_field(at, "Referenced:"), 8, "both pages are referenced");
    int fd = open("/proc/self/clear_refs", O_WRONLY);
    check(fd >= 0 && write(fd, "1", 1) == 1, "clear_refs");
    check_equal(smaps_field(at, "Referenced:"), 0, "none is now");
    long referenced = 0; /* a sample of the working set may take the bit, seldom twice */
    for (int tries = 0; tries < 3 && referenced != 4; tries++) {
        at[PAGE] = 2;
        referenced = smaps_field(at, "Referenced:");
    }
    if (on_faultline())
        check_equal(referenced, 4, "then the one that is touched");
    else
        check_skip("Linux does not flush for this", "then the one that is touched");
    check(write(fd, "9", 1) == -1, "clear_refs does not know 9");
    close(fd);
    munmap((void *)(at - 2 * PAGE), 12 * PAGE);
}

static void test_auxv(void)
{
    Elf64_auxv_t words[64];
    int fd = open("/proc/self/auxv", O_RDONLY), found = 0;
    long length = read(fd, words, sizeof(words));

    check(length > 0 && length % sizeof(words[0]) == 0, "auxv is pairs");
    for (int i = 0; i < (int)(length / sizeof(words[0])); i++) {
        if (words[i].a_type == AT_ENTRY || words[i].a_type == AT_PHDR)
            found += words[i].a_un.a_val == getauxval(words[i].a_type);
    }
    check_equal(found, 2, "the program's own");
    check(words[length / sizeof(words[0]) - 1].a_type == AT_NULL, "ended by AT_NULL");
    close(fd);
}

static long number_in(const char *path)
{
    char text[64] = "";
    int fd = open(path, O_RDONLY);

    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        return -1;
    close(fd);
    return atol(text);
}

/* From 0 to 200; swappiness.c shows what it does. */
static void test_swappiness(void)
{
    int fd = open("/proc/sys/vm/swappiness", O_WRONLY);

    check(pwrite(fd, "60", 2, 0) == 2 && number_in("/proc/sys/vm/swappiness") == 60,
          "swappiness can be set");
    check(pwrite(fd, "201", 3, 0) == -1 && errno == EINVAL, "what is none: EINVAL");
    check(pwrite(fd, "100", 3, 0) == 3, "as it was");
    close(fd);
}

static void test_sys(void)
{
    check(number_in("/proc/sys/kernel/pid_max") >= 32768, "sys/kernel/pid_max");
    check(number_in("/proc/sys/vm/mmap_min_addr") >= 0, "sys/vm/mmap_min_addr");
    check(number_in("/proc/sys/vm/overcommit_memory") >= 0, "sys/vm/overcommit_memory");
    check(number_in("/proc/sys/kernel/osrelease") >= 6, "sys/kernel/osrelease");
    check(number_in("/proc/sys/kernel/randomize_va_space") >= 0, "randomize_va_space");
    check(number_in("/proc/sys/vm/swappiness") >= 0, "sys/vm/swappiness");
    if (on_faultline())
        test_swappiness();
    check(access("/proc/sys/kernel/nonsense", F_OK) == -1, "no other names");
}

static void test_sysvipc(void)
{
    int id = shmget(IPC_PRIVATE, 5 * PAGE, IPC_CREAT | 0600);
    char line[512];
    bool found = false;
    FILE *file = fopen("/proc/sysvipc/shm", "r");

    while (file && fgets(line, sizeof(line), file)) {
        int key, number;
        unsigned mode;
        unsigned long size;
        if (sscanf(line, "%d %d %o %lu", &key, &number, &mode, &size) == 4 && number == id)
            found = key == 0 && mode == 0600 && size == 5 * PAGE;
    }
    check(found, "sysvipc/shm lists a segment");
    shmctl(id, IPC_RMID, NULL);
}

static long status(const char *name)
{
    return field_read("/proc/self/status", name);
}

static void test_peaks(void)
{
    enum { MANY = 500 };
    char *at = region_map(8);

    memset(at, 1, 8 * PAGE);
    mlock(at, 4 * PAGE);
    check_equal(status("VmLck"), 16, "VmLck counts what is locked");
    munmap(at + 2 * PAGE, PAGE);
    munlock(at, 2 * PAGE);
    check_equal(status("VmLck"), 4, "what is not any more it does not");
    check(mlock(at, 4 * PAGE) != 0 && errno == ENOMEM && status("VmLck") == 12,
          "up to a hole it is locked");
    munmap(at, 8 * PAGE);
    long before = status("VmRSS");
    check(status("VmHWM") >= before && status("VmPeak") >= status("VmSize"),
          "peaks are peaks");
    munmap(
        mmap(0, MANY * PAGE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0),
        MANY * PAGE);
    /* Linux counts in batches. */
    counted_equal(status("VmHWM") >= before + MANY * 3, true,
                  "VmHWM remembers what was resident");
    check(status("VmPeak") >= status("VmSize") + MANY * 4, "VmPeak what was promised");
    int fd = open("/proc/self/clear_refs", O_WRONLY);
    check(write(fd, "5", 1) == 1 && status("VmHWM") < before + MANY * 3,
          "clear_refs 5: VmHWM begins anew");
    close(fd);
}

/* The number in field `field` of /proc/self/stat, the first behind the name being 3. */
static unsigned long stat_field(int field)
{
    char line[2048], *at;
    int fd = open("/proc/self/stat", O_RDONLY);
    ssize_t length = read(fd, line, sizeof(line) - 1);

    close(fd);
    line[length > 0 ? length : 0] = 0;
    at = strrchr(line, ')') + 2;
    for (; field > 3; field--)
        at = strchr(at, ' ') + 1;
    return strtoul(at, NULL, 10);
}

static void test_layout(char **arguments)
{
    static int data = 1;
    extern char **environ;

    check(stat_field(26) <= (uintptr_t)test_layout &&
              (uintptr_t)test_layout < stat_field(27),
          "stat tells where the code is");
    check(stat_field(28) <= (uintptr_t)arguments &&
              (uintptr_t)arguments < stat_field(28) + PAGE,
          "and the stack");
    check(stat_field(45) <= (uintptr_t)&data && (uintptr_t)&data < stat_field(46),
          "the data");
    check(stat_field(47) && stat_field(47) <= (uintptr_t)sbrk(0), "the heap");
    check(stat_field(48) == (uintptr_t)arguments[0], "the arguments");
    check(!environ[0] || stat_field(50) == (uintptr_t)environ[0], "the environment");
}

/* The name of the file of the region that begins there, as maps has it; "": none. */
static const char *mapped_name(const void *at)
{
    static char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    bool found = false;

    while (!found && fgets(line, sizeof(line), maps))
        found = strtoul(line, NULL, 16) == (uintptr_t)at;
    fclose(maps);
    line[strcspn(line, "\n")] = 0;
    return found && strrchr(line, '/') ? strrchr(line, '/') + 1 : "";
}

static void test_names(void)
{
    int fd = open("a b\nc", O_RDWR | O_CREAT, 0600);
    void *at = mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);

    check(strcmp(mapped_name(at), "a b\\012c") == 0,
          "a newline in a name is told as \\012");
    unlink("a b\nc");
    check(strcmp(mapped_name(at), "a b\\012c (deleted)") == 0, "a name that is gone, too");
    munmap(at, PAGE);
    close(fd);
}

static void test_limits(void)
{
    char text[4096] = "", line[80];
    struct rlimit files;
    int fd = open("/proc/self/limits", O_RDONLY);

    check(read(fd, text, sizeof(text) - 1) > 0, "/proc/self/limits");
    close(fd);
    getrlimit(RLIMIT_NOFILE, &files);
    snprintf(line, sizeof(line), "\nMax open files            %lu ",
             (unsigned long)files.rlim_cur);
    check(strstr(text, line) != NULL, "tells soft limits");
    check(strstr(text, " bytes     \n") != NULL, "and units");
    check(access("/proc/self/mounts", R_OK) == 0, "/proc/self/mounts");
}

int main(int count, char **arguments)
{
    (void)count;
    test_layout(arguments);
    test_peaks();
    test_names();
    test_limits();
    test_pagemap();
    test_counts();
    test_kinds();
    test_smaps();
    test_referenced();
    test_auxv();
    test_sys();
    test_sysvipc();
    return tap_end();
}
