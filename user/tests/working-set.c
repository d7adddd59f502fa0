/* working-set.c - the working set of a process with many page tables is told as exactly as that of
 * a small one.
 *
 * A sample of it takes long, and so it is not the clock's interrupt that takes it, but the process
 * itself, between other things. Each page here lies in a table of its own. */
#include "user/lib/tap.h"

#include <stdio.h>
#include <sys/mman.h>
#include <time.h>

#define STRIDE  (1ul << 21) /* bytes, as one table maps */
#define PAGES   300
#define FEW     100
#define SETTLED 1200000000l /* ns of its own running: three windows */

static volatile char *memory;

static long time_used(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Pages, as /proc says. */
static long working_set(void)
{
    char line[128];
    long kilobytes = -1;
    FILE *status = fopen("/proc/self/status", "r");

    if (!status)
        bail("/proc/self/status");
    while (fgets(line, sizeof(line), status))
        sscanf(line, "WorkingSet: %ld kB", &kilobytes);
    fclose(status);
    return kilobytes < 0 ? -1 : kilobytes / 4;
}

static void use(int pages)
{
    for (long end = time_used() + SETTLED; time_used() < end;)
        for (int i = 0; i < pages; i++)
            memory[i * STRIDE]++;
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("this kernel tells nothing of it", "working sets");
        return tap_end();
    }
    memory = mmap(NULL, PAGES * STRIDE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        bail("mmap");
    long before = working_set();
    use(PAGES);
    counted_near(working_set() - before, PAGES, PAGES / 10, "all pages are used");
    use(FEW);
    counted_near(working_set() - before, FEW, FEW / 10, "fewer are used");
    use(PAGES);
    counted_near(working_set() - before, PAGES, PAGES / 10, "all are used again");
    return tap_end();
}
