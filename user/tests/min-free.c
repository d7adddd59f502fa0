/* min-free.c - vm.min_free_kbytes is kept: programs leave so much to the kernel, and the watermarks
 * follow. */
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define SETTING "/proc/sys/vm/min_free_kbytes"
#define KIB     4096 /* asked for */
#define PAGE    4096

static long *lowest; /* KiB free, that the greedy one has seen */

static long number_read(const char *path, const char *before)
{
    char text[4096] = "";
    int file = open(path, O_RDONLY);

    if (file < 0 || read(file, text, sizeof(text) - 1) < 0)
        bail(path);
    close(file);
    const char *at = strstr(text, before);
    return at ? atol(at + strlen(before)) : -1;
}

static int number_write(long number)
{
    char text[32];
    int file = open(SETTING, O_WRONLY),
        length = snprintf(text, sizeof(text), "%ld", number);

    if (file < 0)
        bail(SETTING);
    int error = write(file, text, length) < 0 ? errno : 0;
    close(file);
    return error;
}

/* Until it is ended for it. */
static int take_all(void *unused)
{
    struct sysinfo info;

    (void)unused;
    for (;;) {
        char *page =
            mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED)
            return 1;
        *page = 1;
        sysinfo(&info);
        long kib = (long)(info.freeram * info.mem_unit / 1024);
        if (kib < *lowest)
            *lowest = kib;
    }
}

static void test_kept(void)
{
    *lowest = 1l << 40;
    check(child_run(take_all, NULL) != 0, "who takes all there is ends");
    check(*lowest >= KIB - 64, "and leaves the kernel what is its own");
    note("%ld KiB were free, when fewest were", *lowest);
}

int main(void)
{
    long before = number_read(SETTING, "");

    if (!on_faultline()) { /* it is the whole machine's */
        check_skip("not ours to change", "vm.min_free_kbytes");
        return tap_end();
    }
    lowest = shared_page();
    check_equal(number_write(0), EINVAL, "none at all is refused");
    check_equal(number_write(1l << 30), EINVAL, "and more than there is");
    check_equal(number_read(SETTING, ""), before, "then it is as before");
    if (number_write(KIB) != 0) {
        check_skip("memory is too small", "vm.min_free_kbytes");
        return tap_end();
    }
    check_equal(number_write(KIB + 3), 0, "it can be set");
    check_equal(number_read(SETTING, ""), KIB + 3, "and is told as it was set");
    check_equal(number_read("/proc/zoneinfo", "min"), KIB / 4, "min is that, in frames");
    check_equal(number_read("/proc/zoneinfo", "low"), 2 * KIB / 4, "low twice as much");
    check_equal(number_read("/proc/zoneinfo", "high"), 3 * KIB / 4, "high three times");
    test_kept();
    check_equal(number_write(before), 0, "and set back");
    return tap_end();
}
