/* undisturbed.c - what one process changes in its memory disturbs no other's processor.
 *
 * A processor that runs another space remembers nothing of this one, so it need not be told what
 * changes here: neither by who knows whose entries these are, nor by who comes to them from a
 * frame. Other processes compute all the time, and the kernel counts the interrupts that
 * processors have had in order to forget something. On Linux that counter is there in some kernels
 * only, and nothing is claimed of it. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

enum { PAGES = 200, OTHERS = 8 };

static pid_t others[OTHERS];
static volatile char *area;

static long told(void)
{
    return value_read("/proc/vmstat", "nr_tlb_remote_flush_received");
}

/* Each is where it computes when this returns, or will be soon. */
static void others_begin(void)
{
    for (int i = 0; i < OTHERS; i++) {
        others[i] = fork();
        if (others[i] == 0)
            for (volatile unsigned long n = 0;; n++)
                ;
    }
    usleep(20000);
}

static void others_end(void)
{
    for (int i = 0; i < OTHERS; i++) {
        kill(others[i], SIGKILL);
        waitpid(others[i], NULL, 0);
    }
}

static void write_all(void)
{
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE]++;
}

/* But for the kernel's own samples of working sets, which come a few times a second. */
static void undisturbed(long before, const char *what)
{
    long times = told() - before;
    check(times < PAGES / 16, "%s (%ld)", what, times);
}

int main(void)
{
    area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0);
    write_all();
    program_touch();
    stack_touch();
    others_begin(); /* who share these pages now */
    told();
    long before = told();
    write_all();
    undisturbed(before, "copies that one makes of shared pages");
    before = told();
    mprotect((void *)area, PAGES * PAGE, PROT_READ);
    mprotect((void *)area, PAGES * PAGE, PROT_READ | PROT_WRITE);
    undisturbed(before, "rights that it takes from itself");
    before = told();
    madvise((void *)area, PAGES * PAGE, MADV_PAGEOUT);
    undisturbed(before, "pages of its own that are evicted");
    write_all();
    before = told();
    munmap((void *)area, PAGES * PAGE);
    undisturbed(before, "and that it gives back");
    others_end();
    return tap_end();
}
