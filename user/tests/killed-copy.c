/* killed-copy.c - who is killed in the middle of a long copy does not go on with it: not a
 * page more is brought in for a process that will never look at it. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, LENGTH = 32 << 20, WAIT_NS = 1000000 };

static volatile int *started;
static const char *what;

/* One call that copies everything. */
static int copy(void *length)
{
    int zero = open("/dev/zero", O_RDONLY);
    void *memory =
        mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    *started = 1;
    return read(zero, memory, *(size_t *)length) < 0;
}

/* Faults of a child that copies `length` bytes, and is killed meanwhile, or not. */
static long faults(size_t length, bool kills)
{
    struct timespec wait = {0, WAIT_NS};
    struct rusage used;
    int status;

    *started = 0;
    pid_t child = child_start(copy, &length);
    while (!*started)
        sched_yield();
    if (kills) {
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
    }
    if (wait4(child, &status, 0, &used) != child)
        bail("wait4");
    what = WIFSIGNALED(status) ? "killed" : "ended";
    return used.ru_minflt;
}

int main(void)
{
    started = shared_page();
    long few = faults(0, false), all = faults(LENGTH, false) - few;
    check(all >= LENGTH / PAGE, "a copy of 32 MiB faults for each of its pages");
    long some = faults(LENGTH, true) - few;
    check(what[0] == 'k', "one in the middle of it is killed");
    note("%ld of %ld faults", some, all);
    check(some < all / 2, "and does not go on");
    return tap_end();
}
