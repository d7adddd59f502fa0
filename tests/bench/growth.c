/* growth - what one operation costs while something else grows: memory, processes, regions,
 * sleepers, sharers. One tick of the clock is one instruction (tools/boot --shift 0).
 *
 *     growth fault POLICY FRAMES   a major fault in a group with so many frames
 *     growth group                 a group begins, has 16 pages, and ends, its pages inherited
 *     growth loop MIB MS           visits of pages in so many milliseconds; nobody pages
 *     growth loop-read MIB MS      the same, while somebody reads how large its working set is
 *     growth regions N…            mmap and munmap of a page among N regions
 *     growth sleepers N…           a short nanosleep, and a thread that begins to read a pipe
 *                                  that N others wait for
 *     growth children N…           fork, exit and wait of a child among N that sleep
 *     growth sharers N…            evicting a page that N processes map, for each of them
 *     growth sparse N…             a page in each of N stretches of 2 MiB: exit and munmap, a page
 *
 * Each prints lines of three words: what it is, how large, how much. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE    4096ul
#define STRETCH (2ul << 20)
#define CGROUPS "/sys/fs/cgroup"

typedef unsigned long long u64;

static u64 now(void)
{
    unsigned low, high;
    __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high)::"memory");
    return (u64)high << 32 | low;
}

static void fail(const char *what)
{
    printf("failed: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void tell(const char *what, unsigned long size, double cost)
{
    printf("%s %lu %.1f\n", what, size, cost);
    fflush(stdout);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_WRONLY);
    if (file < 0 || write(file, text, strlen(text)) < 0)
        fail(path);
    close(file);
}

static volatile char *map(unsigned long length, int how)
{
    char *area = mmap(NULL, length, PROT_READ | PROT_WRITE,
                      MAP_ANONYMOUS | MAP_NORESERVE | how, -1, 0);
    if (area == MAP_FAILED)
        fail("mmap");
    return area;
}

static void touch(volatile char *area, unsigned long pages, unsigned long step)
{
    for (unsigned long i = 0; i < pages; i++)
        area[i * step] = (char)i;
}

static pid_t forked(void)
{
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    return child;
}

/* --- Faults in a group --------------------------------------------------------------- */

static long faults_so_far(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

/* Round and round, over half as many pages again as there are frames: nearly all are away. */
static void measure_fault(const char *policy, unsigned long frames)
{
    char limit[24];
    unsigned long pages = frames + frames / 2, rounds = 1 + 600 / pages;
    volatile char *area = map(pages * PAGE, MAP_PRIVATE);
    snprintf(limit, sizeof limit, "%lu", frames * PAGE);
    if (mkdir(CGROUPS "/growth", 0755) < 0)
        fail("mkdir");
    write_file(CGROUPS "/growth", "memory.max", limit);
    write_file(CGROUPS "/growth", "memory.policy", policy);
    write_file(CGROUPS "/growth", "cgroup.procs", "0");
    for (unsigned long i = 0; i < 2; i++)
        touch(area, pages, PAGE);
    long before = faults_so_far();
    u64 start = now();
    for (unsigned long i = 0; i < rounds; i++)
        touch(area, pages, PAGE);
    u64 end = now();
    long faults = faults_so_far() - before;
    if (faults <= 0)
        fail("no faults");
    tell(policy, frames, (double)(end - start) / (double)faults);
}

/* --- A group of one process ---------------------------------------------------------- */

static void live_in_group(void)
{
    if (mkdir(CGROUPS "/one", 0755) < 0)
        fail("mkdir");
    write_file(CGROUPS "/one", "cgroup.procs", "0");
    volatile char *area = map(16 * PAGE, MAP_PRIVATE);
    touch(area, 16, PAGE);
    write_file(CGROUPS, "cgroup.procs", "0");
    if (rmdir(CGROUPS "/one") < 0)
        fail("rmdir");
    munmap((char *)area, 16 * PAGE);
}

static void measure_group(void)
{
    live_in_group();
    u64 start = now();
    live_in_group();
    tell("group", 16, (double)(now() - start));
}

/* --- Working sets -------------------------------------------------------------------- */

static double milliseconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void read_status(void)
{
    char text[4096];
    int file = open("/proc/self/status", O_RDONLY);
    if (file < 0 || read(file, text, sizeof text) <= 0)
        fail("/proc/self/status");
    close(file);
}

static void measure_loop(const char *what, unsigned long mib, double length)
{
    unsigned long pages = (mib << 20) / PAGE, visits = 0;
    bool reads = strcmp(what, "loop-read") == 0;
    volatile char *area = map(mib << 20, MAP_PRIVATE);
    touch(area, pages, PAGE);
    double start = milliseconds(), read = start, at;
    while ((at = milliseconds()) - start < length) {
        for (unsigned long i = 0; i < 256; i++, visits++)
            area[visits % pages * PAGE]++;
        if (reads && at - read > 1000) {
            read_status();
            read = at;
        }
    }
    tell(what, mib, (double)visits);
}

/* --- Regions ------------------------------------------------------------------------- */

static void measure_regions(unsigned long count)
{
    volatile char *area = map(count * PAGE, MAP_PRIVATE);
    for (unsigned long i = 0; i < count; i += 2)
        if (mprotect((char *)area + i * PAGE, PAGE, PROT_READ) < 0)
            fail("mprotect");
    /* Just below the regions there is room again: what lies in it must not be joined to them. */
    munmap((char *)map(PAGE, MAP_SHARED), PAGE);
    u64 start = now();
    volatile char *one = map(PAGE, MAP_SHARED);
    u64 mapped = now();
    munmap((char *)one, PAGE);
    u64 end = now();
    tell("mmap", count, (double)(mapped - start));
    tell("munmap", count, (double)(end - mapped));
    munmap((char *)area, count * PAGE);
}

/* --- Who waits ----------------------------------------------------------------------- */

static int gate[2]; /* nobody writes to it */

static void *sleep_in_read(void *unused)
{
    char letter;
    (void)unused;
    if (read(gate[0], &letter, 1) < 0)
        return NULL;
    return NULL;
}

static void add_sleepers(unsigned long count)
{
    static pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 8192);
    for (; count > 0; count--) {
        if (pthread_create(&thread, &small, sleep_in_read, NULL) != 0)
            fail("pthread_create");
        sched_yield();
    }
}

static void measure_sleepers(unsigned long count)
{
    static unsigned long made;
    struct timespec moment = {0, 1000};
    add_sleepers(count - made);
    usleep(20000);
    u64 start = now();
    for (int i = 0; i < 50; i++)
        nanosleep(&moment, NULL);
    u64 middle = now();
    add_sleepers(16);
    u64 end = now();
    made = count + 16;
    tell("nanosleep", count, (double)(middle - start) / 50);
    tell("sleep", count, (double)(end - middle) / 16);
}

static void child_sleeps(void)
{
    char letter;
    close(gate[1]);
    _exit(read(gate[0], &letter, 1) < 0);
}

static void make_children(unsigned long count)
{
    static unsigned long made;
    for (; made < count; made++)
        if (forked() == 0)
            child_sleeps();
    usleep(20000);
}

static void measure_children(unsigned long count)
{
    make_children(count);
    u64 start = now();
    for (int i = 0; i < 8; i++) {
        pid_t child = forked();
        if (child == 0)
            _exit(0);
        if (waitpid(child, NULL, 0) != child)
            fail("waitpid");
    }
    u64 middle = now();
    for (int i = 0; i < 8; i++) {
        if (forked() == 0)
            _exit(0);
        if (wait(NULL) < 0)
            fail("wait");
    }
    u64 end = now();
    pid_t last = forked();
    if (last == 0)
        child_sleeps();
    u64 ready = now();
    for (int i = 0; i < 50; i++)
        if (kill(last, 0) < 0)
            fail("kill");
    u64 killed = now();
    tell("fork", count, (double)(middle - start) / 8);
    tell("wait", count, (double)(end - middle) / 8);
    tell("kill", count, (double)(killed - ready) / 50);
}

/* --- Who shares ---------------------------------------------------------------------- */

#define SHARED_PAGES 16

static void sharer(volatile char *area, int ready)
{
    for (int i = 0; i < SHARED_PAGES; i++)
        (void)area[i * PAGE];
    if (write(ready, "x", 1) != 1)
        _exit(1);
    child_sleeps();
}

static void measure_sharers(unsigned long count)
{
    char folder[64], bytes[24], letter;
    int ready[2];
    snprintf(folder, sizeof folder, CGROUPS "/sharers-%lu", count);
    snprintf(bytes, sizeof bytes, "%lu", SHARED_PAGES * PAGE);
    if (mkdir(folder, 0755) < 0 || pipe(gate) < 0 || pipe(ready) < 0)
        fail(folder);
    write_file(folder, "cgroup.procs", "0");
    volatile char *area = map(SHARED_PAGES * PAGE, MAP_SHARED);
    touch(area, SHARED_PAGES, PAGE);
    write_file(CGROUPS, "cgroup.procs", "0");
    for (unsigned long i = 1; i < count; i++) {
        if (forked() == 0)
            sharer(area, ready[1]);
        if (read(ready[0], &letter, 1) != 1)
            fail("read");
    }
    u64 start = now();
    write_file(folder, "memory.reclaim", bytes);
    tell("sharers", count, (double)(now() - start) / SHARED_PAGES / (double)count);
    close(gate[1]);
    while (wait(NULL) > 0)
        ;
    munmap((char *)area, SHARED_PAGES * PAGE);
    close(gate[0]);
    close(ready[0]);
    close(ready[1]);
}

/* --- Far apart ----------------------------------------------------------------------- */

static void measure_sparse(unsigned long count)
{
    if (pipe(gate) < 0)
        fail("pipe");
    volatile char *area = map(count * STRETCH, MAP_PRIVATE);
    touch(area, count, STRETCH);
    pid_t child = forked();
    if (child == 0)
        child_sleeps();
    u64 start = now();
    close(gate[1]);
    waitpid(child, NULL, 0);
    u64 middle = now();
    munmap((char *)area, count * STRETCH);
    u64 end = now();
    close(gate[0]);
    tell("exit", count, (double)(middle - start) / (double)count);
    tell("unmap", count, (double)(end - middle) / (double)count);
}

/* --- All of it ----------------------------------------------------------------------- */

static void each(int count, char **words, void (*measure)(unsigned long))
{
    for (int i = 2; i < count; i++)
        measure(strtoul(words[i], NULL, 10));
}

int main(int count, char **words)
{
    const char *what = count > 1 ? words[1] : "";
    if ((strcmp(what, "sleepers") == 0 || strcmp(what, "children") == 0) && pipe(gate) < 0)
        fail("pipe");
    if (strcmp(what, "fault") == 0 && count == 4)
        measure_fault(words[2], strtoul(words[3], NULL, 10));
    else if (strcmp(what, "group") == 0)
        measure_group();
    else if (strncmp(what, "loop", 4) == 0 && count == 4)
        measure_loop(what, strtoul(words[2], NULL, 10), strtod(words[3], NULL));
    else if (strcmp(what, "regions") == 0)
        each(count, words, measure_regions);
    else if (strcmp(what, "sleepers") == 0)
        each(count, words, measure_sleepers);
    else if (strcmp(what, "children") == 0)
        each(count, words, measure_children);
    else if (strcmp(what, "sharers") == 0)
        each(count, words, measure_sharers);
    else if (strcmp(what, "sparse") == 0)
        each(count, words, measure_sparse);
    else
        return 2;
    return 0;
}
