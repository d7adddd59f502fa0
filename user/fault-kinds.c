/* fault-kinds.c - a page fault of each kind, each in a function of its own: for docs/gdb.md.
 *
 * It wants little memory, a swap area and slow disks, or some kinds do not come:
 *
 *     tools/boot --ram 10M --swap 32M --image-latency 500 -- fault-kinds
 *
 * It says nothing but what it does next; the faults are to be looked at from outside. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    FEW = 4,
    MANY = 4096,    /* pages, more than there are frames */
    FILE_PAGE = 90, /* of busybox, which nobody has touched */
};

static volatile char *few, *many, *file;
static volatile char *volatile nowhere = (char *)16; /* nothing is promised there */
static volatile char sink;

static volatile char *promise(size_t pages)
{
    void *made = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) {
        perror("fault-kinds: mmap");
        exit(1);
    }
    return made;
}

/* Each of the next is one access, and one fault. */

static __attribute__((noinline)) void kind_zero_page(void)
{
    sink = few[0];
}

static __attribute__((noinline)) void kind_zero_fill(void)
{
    few[PAGE] = 1;
}

static __attribute__((noinline)) void kind_file(void)
{
    sink = file[FILE_PAGE * PAGE];
}

static __attribute__((noinline)) void kind_copy(void)
{
    few[PAGE] = 2;
}

static __attribute__((noinline)) void kind_reuse(void)
{
    few[2 * PAGE] = 2;
}

static __attribute__((noinline)) void kind_resident(void)
{
    few[PAGE] = 3;
}

static __attribute__((noinline)) void kind_page_in(void)
{
    sink = many[0];
}

static __attribute__((noinline)) void kind_rescue(size_t page)
{
    sink = many[page * PAGE];
}

static __attribute__((noinline)) void kind_spurious(void)
{
    sink = file[(FILE_PAGE + 1) * PAGE];
}

static __attribute__((noinline)) void kind_invalid(void)
{
    *nowhere = 1;
}

/* --- What has to be so before ------------------------------------------------------------ */

/* A child holds all the pages too, while the parent writes to one; then it ends. */
static void with_a_child(void)
{
    int hold[2];
    few[2 * PAGE] = 1;
    if (pipe(hold) != 0)
        exit(1);
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(hold[1]);
        _exit(read(hold[0], &byte, 1) == 0 ? 0 : 1);
    }
    puts("copy");
    kind_copy();
    close(hold[1]);
    waitpid(child, NULL, 0);
    puts("reuse");
    kind_reuse();
}

static void *second_thread(void *unused)
{
    sink = file[(FILE_PAGE + 1) * PAGE];
    return unused;
}

/* Another thread is reading the same page from the disk already, and will be done first. */
static void with_a_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, second_thread, NULL) != 0)
        exit(1);
    sched_yield();
    puts("spurious");
    kind_spurious();
    pthread_join(thread, NULL);
}

/* The last of the pages, from the first on, that are not in memory any more. */
static size_t last_evicted(void)
{
    unsigned char there[MANY];
    size_t page = 0;
    if (mincore((void *)many, (size_t)MANY * PAGE, there) != 0)
        exit(1);
    while (page + 1 < MANY && !(there[page + 1] & 1))
        page++;
    return page;
}

/* More pages are written than memory has frames. */
static void with_too_many(void)
{
    many = promise(MANY);
    for (size_t i = 0; i < MANY; i++)
        many[i * PAGE] = 1;
    size_t last = last_evicted();
    puts("rescue");
    kind_rescue(last);
    puts("page-in");
    kind_page_in();
}

static sigjmp_buf after;

static void leave(int signal)
{
    (void)signal;
    siglongjmp(after, 1);
}

int main(void)
{
    int descriptor = open("/bin/busybox", O_RDONLY);
    setvbuf(stdout, NULL, _IONBF, 0);
    few = promise(FEW);
    file = mmap(NULL, (FILE_PAGE + 2) * PAGE, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (descriptor < 0 || file == MAP_FAILED)
        return 1;
    puts("zero-page");
    kind_zero_page();
    puts("zero-fill");
    kind_zero_fill();
    puts("file");
    kind_file();
    with_a_child();
    mprotect((void *)few, FEW * PAGE, PROT_NONE);
    mprotect((void *)few, FEW * PAGE, PROT_READ | PROT_WRITE);
    puts("resident");
    kind_resident();
    with_a_thread();
    with_too_many();
    puts("invalid");
    signal(SIGSEGV, leave);
    if (sigsetjmp(after, 1) == 0)
        kind_invalid();
    puts("done");
    return 0;
}
