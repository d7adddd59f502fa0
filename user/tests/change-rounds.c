/* change-rounds.c - who waits for the end of a long change of its memory is served before the next.
 *
 * One thread changes the rights of some thousand pages, again and again; the time of its turns is
 * over in the middle of a change, so that is what the other threads of the process find. What they
 * want of the same memory then is done a few changes later, and not when the first has had enough;
 * and so it is with more threads that make long changes than one. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE        4096ul
#define FILE_PAGES  256
#define MAPPED      48 /* times: few frames, but a change takes about a turn */
#define PAGES       (MAPPED * FILE_PAGES)
#define CHANGERS    3
#define TRIES       16
#define CHANGES_MAX 4   /* of each: one that is made, and the next, counted in pairs */
#define SCARCE      10  /* times as many where who is served may wait for a disk */
#define ENOUGH      500 /* changes, and it is said that nobody is served */

static char *large; /* one part for each changer */
static unsigned changers;
static volatile long changes, since; /* so many when another began to want something */
static volatile int stop, tries;

static void large_map(void)
{
    int file = memfd_create("pages", 0);
    large = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (file < 0 || large == MAP_FAILED || ftruncate(file, FILE_PAGES * PAGE) != 0)
        bail("a file");
    for (int i = 0; i < MAPPED; i++)
        if (mmap(large + i * FILE_PAGES * PAGE, FILE_PAGES * PAGE, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_FIXED | MAP_POPULATE, file, 0) == MAP_FAILED)
            bail("mmap");
    close(file);
}

static bool in_vain(void)
{
    return changes - since > ENOUGH * (long)changers;
}

/* Not always as much: where in a change a turn ends must not depend on how long it takes. */
static size_t length(void)
{
    return (PAGES / 2 + PAGES / 2 * tries / TRIES) / changers * PAGE;
}

static void *change(void *part)
{
    while (!stop && !in_vain()) {
        size_t bytes = length();
        if (mprotect(part, bytes, PROT_READ) != 0 ||
            mprotect(part, bytes, PROT_READ | PROT_WRITE) != 0)
            bail("mprotect");
        __atomic_add_fetch(&changes, 2, __ATOMIC_RELAXED);
    }
    return NULL;
}

/* --- What others want meanwhile ------------------------------------------------------- */

static char *small; /* a page */

static bool maps(void)
{
    char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page != MAP_FAILED && munmap(page, PAGE) == 0;
}

static bool protects(void)
{
    return mprotect(small, PAGE, PROT_READ) == 0 &&
           mprotect(small, PAGE, PROT_READ | PROT_WRITE) == 0;
}

static bool faults(void)
{
    if (madvise(small, PAGE, MADV_DONTNEED) != 0)
        return false;
    *(volatile char *)small = 1;
    return *(volatile char *)small == 1;
}

static bool moves(void)
{
    char *moved =
        mremap(small, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, small + 2 * PAGE);
    if (moved == MAP_FAILED)
        return false;
    return mremap(moved, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, small) == small;
}

static bool grows(void)
{
    long end = syscall(SYS_brk, 0);
    return syscall(SYS_brk, end + PAGE) > end && syscall(SYS_brk, end) == end;
}

static bool locks(void)
{
    return mlock(small, PAGE) == 0 && munlock(small, PAGE) == 0;
}

static bool forks(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static const struct {
    const char *name;
    bool (*want)(void);
} wishes[] = {
    {"mmap and munmap", maps}, {"mprotect", protects}, {"madvise and a fault", faults},
    {"mremap", moves},         {"brk", grows},         {"mlock", locks},

};

/* Others are in the middle of something then. */
static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void wish_check(const char *name, bool (*want)(void), long changes_most)
{
    long most = 0;
    bool done = true;
    for (tries = 0; tries < TRIES && done; tries++) {
        since = changes;
        done = want();
        if (changes - since > most)
            most = changes - since;
        nap();
    }
    note("%s: they have made %ld changes meanwhile", name, most);
    check(done && most <= changes_most, "%s beside %u that change memory", name, changers);
}

/* Linux promises an end only. */
static long allowed(void)
{
    if (!on_faultline())
        return ENOUGH;
    return getenv("TAP_SCARCE") ? CHANGES_MAX * SCARCE : CHANGES_MAX;
}

static void changers_run(unsigned count)
{
    pthread_t threads[CHANGERS];
    changers = count;
    stop = 0;
    changes = since = 0;
    for (unsigned i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, change, large + i * (PAGES / count) * PAGE) !=
            0)
            bail("pthread_create");
    for (unsigned i = 0; i < sizeof(wishes) / sizeof(*wishes); i++)
        wish_check(wishes[i].name, wishes[i].want, allowed() * (long)count);
    /* This waits for the child as well, and faults. */
    wish_check("fork", forks, (long)(ENOUGH * count));
    stop = 1;
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

int main(void)
{
    large_map();
    small =
        mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (small == MAP_FAILED)
        bail("mmap");
    changers_run(1);
    changers_run(CHANGERS);
    return tap_end();
}
