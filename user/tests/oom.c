/* oom.c - when frames run out, the process that holds most of them is killed, and only it.
 *
 * Four innocents hold patterns and look after them; a hog takes memory until there is none.
 * Promises are free (it maps far more than there is); it is the touching that ends it. The
 * innocents lose not a byte, and all the memory comes back.
 *
 * Faultline only: a machine with gigabytes would be ground down before it ended. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INNOCENTS = 4, HELD = 128 };

static struct turns turns[INNOCENTS];
static volatile long *touched; /* by the hog, in a page we share */

static char pattern(int who, long i)
{
    return who * 31 + i * 7 + i / PAGE;
}

static int innocent(void *argument)
{
    int who = *(int *)argument;
    char *region = region_map(HELD);
    long wrong = 0;

    for (long i = 0; i < HELD * PAGE; i++)
        region[i] = pattern(who, i);
    turn_to_parent(&turns[who], 'r');
    turn_of_parent(&turns[who]);
    for (long i = 0; i < HELD * PAGE; i++)
        wrong += region[i] != pattern(who, i);
    return wrong != 0;
}

/* In pages: twice the frames there are. With a swap area that may fit. */
static long hog_size(void)
{
    return field_read("/proc/meminfo", "MemTotal") / 4 * 2;
}

static bool hog_fits(void)
{
    return field_read("/proc/meminfo", "SwapTotal") / 4 > hog_size();
}

/* Touch page after page. */
static int hog(void *argument)
{
    long pages = hog_size();
    char *region = region_map(pages);

    (void)argument;
    for (long i = 0; i < pages; i++) {
        region[i * PAGE] = 1;
        touched[0] = i + 1;
    }
    return 0;
}

/* The hog's last pages are taken by the kernel for it: read(2) into untouched memory. */
static int hog_by_kernel(void *argument)
{
    long pages = hog_size();
    char *region = region_map(pages);
    int ends[2];

    (void)argument;
    if (pipe(ends) != 0)
        return 1;
    for (long i = 0; i < pages; i++) {
        if (write(ends[1], "x", 1) != 1 || read(ends[0], region + i * PAGE, 1) != 1)
            return 2;
        touched[0] = i + 1;
    }
    return 0;
}

static void round_run(const char *name, int (*step)(void *))
{
    int numbers[INNOCENTS];
    pid_t innocents[INNOCENTS];
    long free_before = memory_free();

    for (int i = 0; i < INNOCENTS; i++) {
        numbers[i] = i;
        turns_open(&turns[i]);
        innocents[i] = child_start(innocent, &numbers[i]);
        turn_of_child(&turns[i]);
    }
    long free_now = memory_free();
    touched[0] = 0;
    int status = child_run(step, NULL);
    check(hog_fits() ? status == 0 : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
          "%s is killed, unless there is room in the swap area", name);
    check(touched[0] > free_now / 4 / 2, "after it had more than half of what was free");
    note("%ld pages of %ld", touched[0], free_now / 4);
    /* Perhaps more than before: clean pages of files have gone meanwhile. */
    check(memory_free() > free_now - 256, "its memory is free again");
    for (int i = 0; i < INNOCENTS; i++) {
        turn_to_child(&turns[i], 'x');
        check_equal(child_wait(innocents[i]), 0, "innocent %d has every byte", i + 1);
        turns_close(&turns[i]);
    }
    check(memory_free() > free_before - 256, "in the end all memory is free again");
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("Faultline only", "out of memory");
        return tap_end();
    }
    touched = shared_page();
    round_run("a hog", hog);
    round_run("a hog whose memory the kernel touches", hog_by_kernel);
    round_run("a second hog", hog);
    return tap_end();
}
