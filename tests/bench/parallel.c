/* parallel.c - parallel PROCESSES: how many pages a second so many processes are given together.
 *
 * Each takes 4 MiB, writes to each page, and gives all back, for two seconds by the clock. In real
 * time, with as many processors that run at once (tools/boot --realtime --parallel --cpus 2), it
 * shows what several processors are worth to page faults, which share one lock. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 1024 };

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void fill(void)
{
    char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        exit(1);
    for (long i = 0; i < PAGES; i++)
        area[i * PAGE] = 1;
    munmap(area, PAGES * PAGE);
}

/* From `begin` on, for two seconds; how many pages, to whoever reads the pipe. */
static void work(double begin, int result)
{
    long pages = 0;
    while (seconds() < begin)
        ;
    for (; seconds() < begin + 2; pages += PAGES)
        fill();
    _exit(write(result, &pages, sizeof(pages)) != sizeof(pages));
}

int main(int argc, char **argv)
{
    int processes = argc > 1 ? atoi(argv[1]) : 1, ends[2];
    double begin = seconds() + 0.2;
    long all = 0, pages;

    if (pipe(ends) != 0)
        return 1;
    for (int i = 0; i < processes; i++)
        if (fork() == 0)
            work(begin, ends[1]);
    for (int i = 0; i < processes; i++) {
        if (read(ends[0], &pages, sizeof(pages)) != sizeof(pages))
            return 1;
        all += pages;
    }
    while (wait(NULL) > 0)
        ;
    printf("%d\t%.0f\tpages a second\n", processes, all / 2.0);
    return 0;
}
