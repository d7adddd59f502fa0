/* lazy.c - pages come when they are touched: one fault each, no more and no fewer. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GIBIBYTE = 1 << 30, TOUCHED = 1024 };

static void test_writes(void)
{
    long before = faults_now();
    volatile char *region = region_map(GIBIBYTE / PAGE);

    check(faults_now() - before <= 1, "mapping a gibibyte takes no fault");
    before = faults_now();
    for (long i = 0; i < TOUCHED; i++)
        region[i * (GIBIBYTE / TOUCHED)] = 1;
    counted_near(faults_now() - before, TOUCHED, 16,
                 "writing 1024 pages of it: 1024 faults");
    before = faults_now();
    for (long i = 0; i < TOUCHED; i++)
        region[i * (GIBIBYTE / TOUCHED) + 5] = 2;
    counted_equal(faults_now() - before, 0, "writing them again: none");
    before = faults_now();
    for (int i = 1; i < 256; i++)
        region[i * PAGE] = 1;
    counted_equal(faults_now() - before, 255, "writing 255 neighbours: 255");
    munmap((void *)region, GIBIBYTE);
}

static void test_reads(void)
{
    volatile char *region = region_map(256);
    long before = faults_now(), sum = 0;

    for (int i = 0; i < 256; i++)
        sum += region[i * PAGE];
    counted_equal(faults_now() - before, 256, "reading 256 untouched pages: 256 faults");
    check_equal(sum, 0, "they are zero");
    before = faults_now();
    for (int i = 0; i < 256; i++)
        region[i * PAGE] = 1;
    counted_equal(faults_now() - before, 256, "writing them then: 256 more");
    munmap((void *)region, 256 * PAGE);
}

/* System calls take the same faults on our behalf. */
static void test_kernel_touches(void)
{
    char *region = region_map(64);
    int fd = open("/dev/zero", O_RDONLY);
    long before = faults_now();

    check_equal(read(fd, region, 64 * PAGE), 64 * PAGE, "read(2) into untouched pages");
    counted_equal(faults_now() - before, 64, "takes a fault for each");
    close(fd);
    munmap(region, 64 * PAGE);
}

static void test_file(void)
{
    enum { PAGES = 32 };
    static const char path[] = "lazy";
    static char bytes[PAGES * PAGE];
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes))
        bail(path);
    volatile char *view = mmap(NULL, sizeof(bytes), PROT_READ, MAP_PRIVATE, fd, 0);
    long before = faults_now();
    for (int i = 0; i < PAGES; i++)
        (void)view[i * PAGE];
    if (on_faultline())
        counted_equal(faults_now() - before, PAGES,
                      "reading 32 pages of a file: 32 faults");
    else
        check_skip("Linux maps neighbours too", "reading 32 pages of a file: 32 faults");
    munmap((void *)view, sizeof(bytes));
    close(fd);
    unlink(path);
}

static void test_kinds(void)
{
    static const char status[] = "/proc/self/status";
    volatile char *region = region_map(10);

    if (field_read(status, "FaultsZeroFill") < 0) {
        check_skip("no such counters here", "faults by kind");
        munmap((void *)region, 10 * PAGE);
        return;
    }
    field_read(status, "FaultsZeroPage"); /* the first times take pages of their own */
    long filled = field_read(status, "FaultsZeroFill");
    long pages = field_read(status, "FaultsZeroPage");
    for (int i = 0; i < 5; i++)
        (void)region[i * PAGE];
    for (int i = 0; i < 10; i++)
        region[i * PAGE] = 1;
    counted_equal(field_read(status, "FaultsZeroPage") - pages, 5,
                  "5 reads of untouched pages: FaultsZeroPage 5 more");
    counted_equal(field_read(status, "FaultsZeroFill") - filled, 10,
                  "10 first writes: FaultsZeroFill 10 more");
    munmap((void *)region, 10 * PAGE);
}

int main(void)
{
    program_touch();
    test_writes();
    test_reads();
    test_kernel_touches();
    test_file();
    test_kinds();
    return tap_end();
}
