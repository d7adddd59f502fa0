/* fault-kinds.c - a page fault of each kind, each in a function of its own: for docs/gdb.md
 * and docs/guided-session.md.
 *
 * It wants little memory, a swap area and slow disks, or some kinds do not come:
 *
 *     tools/boot --ram 10M --swap 32M --image-latency 500 -- fault-kinds
 *
 * It says nothing but which comes next, and where; the faults are to be looked at from outside. */
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

static volatile char *few, *many, *file, *again, *beyond;
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

static __attribute__((noinline)) void kind_file_again(void)
{
    sink = again[FILE_PAGE * PAGE];
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

static __attribute__((noinline)) void kind_beyond(void)
{
    sink = *beyond;
}

/* --- What has to be so before ------------------------------------------------------------ */

static void next(const char *kind, const volatile char *where)
{
    printf("%s at %p\n", kind, (const void *)where);
}

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
    next("copy", few + PAGE);
    kind_copy();
    close(hold[1]);
    waitpid(child, NULL, 0);
    next("reuse", few + 2 * PAGE);
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
    next("spurious", file + (FILE_PAGE + 1) * PAGE);
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
    next("rescue", many + last * PAGE);
    kind_rescue(last);
    next("page-in", many);
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
    again = mmap(NULL, (FILE_PAGE + 2) * PAGE, PROT_READ, MAP_PRIVATE, descriptor, 0);
    off_t end = (lseek(descriptor, 0, SEEK_END) + PAGE - 1) / PAGE * PAGE;
    beyond = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, descriptor, end);
    if (descriptor < 0 || file == MAP_FAILED || again == MAP_FAILED || beyond == MAP_FAILED)
        return 1;
    next("zero-page", few);
    kind_zero_page();
    next("zero-fill", few + PAGE);
    kind_zero_fill();
    next("file", file + FILE_PAGE * PAGE);
    kind_file();
    next("file", again + FILE_PAGE * PAGE);
    kind_file_again();
    with_a_child();
    mprotect((void *)few, FEW * PAGE, PROT_NONE);
    mprotect((void *)few, FEW * PAGE, PROT_READ | PROT_WRITE);
    next("resident", few + PAGE);
    kind_resident();
    with_a_thread();
    with_too_many();
    signal(SIGSEGV, leave);
    signal(SIGBUS, leave);
    next("invalid", nowhere);
    if (sigsetjmp(after, 1) == 0)
        kind_invalid();
    next("invalid", beyond);
    if (sigsetjmp(after, 1) == 0)
        kind_beyond();
    puts("done");
    return 0;
}
