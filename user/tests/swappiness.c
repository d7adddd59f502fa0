/* swappiness.c - which pages go when memory is short: those of programs, or those of files.
 *
 * Memory is written until there are hardly any frames left, and a file of the image is read over
 * and over meanwhile. What goes of the file costs a major fault, what goes of memory is written to
 * the swap area: the more of the one, the less of the other. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

static char *file, *memory;
static size_t file_pages, memory_pages;

static void weigh(const char *number)
{
    int fd = open("/proc/sys/vm/swappiness", O_WRONLY);
    if (fd < 0 || write(fd, number, strlen(number)) < 0)
        bail("/proc/sys/vm/swappiness");
    close(fd);
}

/* Pages written to the swap area so far. */
static long pages_out(void)
{
    char line[128];
    long out = -1;
    FILE *file_ = fopen("/proc/vmstat", "r");
    while (file_ && fgets(line, sizeof(line), file_))
        if (sscanf(line, "pswpout %ld", &out) == 1)
            break;
    if (out < 0)
        bail("/proc/vmstat");
    fclose(file_);
    return out;
}

static long pages_in(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_majflt;
}

/* Pages of the file that came again, and of memory that went. */
static void press(const char *number, long *file_in, long *memory_out)
{
    volatile char *at = file;
    madvise(memory, memory_pages * PAGE, MADV_DONTNEED);
    for (size_t i = 0; i < file_pages; i++)
        (void)at[i * PAGE];
    weigh(number);
    *file_in = pages_in(), *memory_out = pages_out();
    for (size_t i = 0; i < memory_pages; i++) {
        memory[i * PAGE] = 1;
        (void)at[i % file_pages * PAGE];
    }
    *file_in = pages_in() - *file_in, *memory_out = pages_out() - *memory_out;
    weigh("100");
    note("at %s, %ld pages of the file came again, and %ld of memory went", number,
         *file_in, *memory_out);
}

int main(void)
{
    struct sysinfo info;
    struct stat status;
    int fd = open("/bin/busybox", O_RDONLY);
    if (!on_faultline() || sysinfo(&info) != 0 || info.totalswap == 0 || fd < 0 ||
        fstat(fd, &status) != 0) {
        check_skip("it wants a swap area of its own", "vm.swappiness");
        return tap_end();
    }
    file_pages = (size_t)status.st_size / PAGE;
    file = mmap(NULL, file_pages * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    memory_pages = (size_t)sysconf(_SC_AVPHYS_PAGES) - file_pages / 2;
    memory = mmap(NULL, memory_pages * PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (file == MAP_FAILED || memory == MAP_FAILED)
        bail("mmap");
    long in[4], out[4];
    static const char *const numbers[] = {"0", "60", "100", "200"};
    for (int i = 0; i < 4; i++)
        press(numbers[i], &in[i], &out[i]);
    counted_equal(out[0], 0, "at 0 nothing of memory goes while pages of the file can");
    counted_equal(out[1] > 0 && out[1] < out[2] && out[2] < out[3], true,
                  "the higher, the more of memory");
    counted_equal(in[3] < 10 && in[0] > 10, true, "at 200 the file stays");
    return tap_end();
}
