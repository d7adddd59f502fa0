/* threads-memory.c - threads of one space fault while others take its memory away, protect
 * it, copy it or cut its files short. A fault may sleep (a slow disk, no free frame), and
 * then finds another world: it must end in the right page or the right signal. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE    4096ul
#define PAGES   64
#define THREADS 6

static volatile int stop;
static pthread_barrier_t barrier;

/* --- Faults that may be refused -------------------------------------------------------------- */

static __thread sigjmp_buf back;
static __thread volatile int expecting;
static volatile long refused;

static void refuse(int signal)
{
    if (!expecting)
        _exit(100 + signal);
    __atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
    siglongjmp(back, 1);
}

static void refusals_expect(void)
{
    struct sigaction action = {.sa_handler = refuse, .sa_flags = SA_NODEFER};

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

/* The byte at `at`, or -1 if there is none. */
static int peek(volatile unsigned char *at)
{
    int byte = -1;

    expecting = 1;
    if (sigsetjmp(back, 0) == 0)
        byte = *at;
    expecting = 0;
    return byte;
}

static int poke(volatile unsigned char *at, unsigned char byte)
{
    int done = 0;

    expecting = 1;
    if (sigsetjmp(back, 0) == 0) {
        *at = byte;
        done = 1;
    }
    expecting = 0;
    return done;
}

static void start(pthread_t threads[THREADS], void *(*step)(void *), void *argument)
{
    stop = 0;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, step, argument) != 0)
            bail("pthread_create");
}

static long join(pthread_t threads[THREADS])
{
    long wrong = 0;

    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        wrong += (long)(intptr_t)result;
    }
    return wrong;
}

/* --- All at the same page ------------------------------------------------------------- */

struct together {
    volatile unsigned char *memory;
    int pages;
};

/* All threads touch each page at once: every one sees the same page. */
static void *touch_together(void *argument)
{
    const struct together *together = argument;
    long wrong = 0;

    for (int i = 0; i < together->pages; i++) {
        volatile unsigned char *at = together->memory + i * PAGE;
        pthread_barrier_wait(&barrier);
        __atomic_add_fetch((volatile uint32_t *)(at + 64), 1, __ATOMIC_SEQ_CST);
        pthread_barrier_wait(&barrier);
        wrong += *(volatile uint32_t *)(at + 64) % THREADS != 0;
    }
    return (void *)(intptr_t)wrong;
}

static void *map(size_t length, int flags, int file)
{
    void *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, file, 0);

    if (memory == MAP_FAILED)
        bail("mmap");
    return memory;
}

static void test_same_page(void)
{
    pthread_t threads[THREADS];
    struct together zero = {map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1), PAGES};
    struct together shared = {map(PAGES * PAGE, MAP_SHARED | MAP_ANONYMOUS, -1), PAGES};

    pthread_barrier_init(&barrier, NULL, THREADS);
    start(threads, touch_together, &zero);
    check_equal(join(threads), 0, "six threads, one page of zeroes");
    start(threads, touch_together, &shared);
    check_equal(join(threads), 0, "one shared page");
    pid_t child = fork();
    if (child == 0)
        _exit(pause());
    start(threads, touch_together, &zero);
    check_equal(join(threads), 0, "one page that a child holds too: copied once");
    kill(child, SIGKILL);
    child_wait(child);
    munmap((void *)zero.memory, PAGES * PAGE);
    munmap((void *)shared.memory, PAGES * PAGE);
    pthread_barrier_destroy(&barrier);
}

/* --- More than there are frames -------------------------------------------------------------- */

#define MANY  400
#define COUNT 1500

static void *count_anywhere(void *argument)
{
    volatile unsigned char *memory = argument;
    unsigned state = (unsigned)(uintptr_t)&argument;

    for (int i = 0; i < COUNT; i++) {
        state = state * 1103515245 + 12345;
        unsigned at = state / 65536 % MANY;
        __atomic_add_fetch((volatile uint32_t *)(memory + at * PAGE + 16), 1,
                           __ATOMIC_SEQ_CST);
        if (state / 65536 % 7 == 0)
            sched_yield();
    }
    return NULL;
}

static void test_many_pages(void)
{
    pthread_t threads[THREADS];
    unsigned char *memory = map(MANY * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    long sum = 0;

    start(threads, count_anywhere, memory);
    join(threads);
    for (int i = 0; i < MANY; i++)
        sum += *(uint32_t *)(memory + i * PAGE + 16);
    check_equal(sum, (long)THREADS * COUNT,
                "no count is lost, however often its page goes");
    munmap(memory, MANY * PAGE);
}

/* --- A file's pages go while they are read ---------------------------------------------------- */

static volatile unsigned char *window; /* where the file is mapped, more or less */
static unsigned char *expected;

static void *read_window(void *argument)
{
    unsigned state = (unsigned)(uintptr_t)&argument;
    long wrong = 0;

    while (!stop) {
        state = state * 1103515245 + 12345;
        unsigned at = state / 65536 % (PAGES * PAGE);
        int byte = peek(window + at);
        wrong += byte >= 0 && byte != expected[at];
        sched_yield();
    }
    return (void *)(intptr_t)wrong;
}

static void test_unmap(const char *name)
{
    pthread_t threads[THREADS];
    int file = open(name, O_RDONLY);
    ssize_t length = 0;

    expected = malloc(PAGES * PAGE);
    if (file < 0 || (length = pread(file, expected, PAGES * PAGE, 0)) < (ssize_t)(8 * PAGE))
        bail(name);
    memset(expected + length, 0, PAGES * PAGE - length);
    window = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE, file, 0);
    refused = 0;
    start(threads, read_window, NULL);
    for (int i = 0; i < 300; i++) {
        size_t from = i % 8 * 8 * PAGE;
        munmap((void *)(window + from), 8 * PAGE);
        sched_yield();
        mmap((void *)(window + from), 8 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, file,
             from);
        madvise((void *)window, PAGES * PAGE, MADV_DONTNEED);
        mprotect((void *)(window + from), PAGE, i % 2 ? PROT_NONE : PROT_READ);
        sched_yield();
    }
    stop = 1;
    check_equal(join(threads), 0, "what is read of a file that comes and goes is the file");
    note("%ld times it was not there", refused);
    munmap((void *)window, PAGES * PAGE);
    free(expected);
    close(file);
}

/* --- A file that is cut short and grows again ------------------------------------------------- */

static void *write_window(void *argument)
{
    unsigned state = (unsigned)(uintptr_t)&argument;
    long wrong = 0;

    while (!stop) {
        state = state * 1103515245 + 12345;
        unsigned at = state / 65536 % PAGES;
        poke(window + at * PAGE + 8, (unsigned char)at);
        int byte = peek(window + at * PAGE + 8);
        wrong += byte > 0 && byte != (int)at;
        sched_yield();
    }
    return (void *)(intptr_t)wrong;
}

static void test_truncate(void)
{
    pthread_t threads[THREADS];
    int file = open("threads-memory", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (file < 0 || ftruncate(file, PAGES * PAGE) != 0)
        bail("threads-memory");
    window = map(PAGES * PAGE, MAP_SHARED, file);
    refused = 0;
    start(threads, write_window, NULL);
    for (int i = 0; i < 200; i++) {
        if (ftruncate(file, (i % 8) * 3 * PAGE + 100) != 0)
            bail("ftruncate");
        sched_yield();
        if (ftruncate(file, PAGES * PAGE) != 0)
            bail("ftruncate");
        sched_yield();
    }
    stop = 1;
    check_equal(join(threads), 0, "a shared file cut short and grown under its users");
    note("%ld times it was not there", refused);
    munmap((void *)window, PAGES * PAGE);
    close(file);
    unlink("threads-memory");
}

/* --- Memory that is unmapped, discarded, protected and copied ------------------------- */

static void *churn(void *argument)
{
    unsigned state = (unsigned)(uintptr_t)&argument * 77;

    while (!stop) {
        state = state * 1103515245 + 12345;
        unsigned at = state / 65536 % PAGES;
        if (state & 1)
            poke(window + at * PAGE, 1);
        else
            peek(window + at * PAGE + 1);
        if (state % 17 == 0)
            sched_yield();
    }
    return NULL;
}

static int read_all(void *argument)
{
    volatile unsigned char *memory = argument;

    for (int i = 0; i < PAGES; i++)
        if (peek(memory + i * PAGE) > 1)
            return 1;
    return 0;
}

static void test_churn(void)
{
    pthread_t threads[THREADS];
    int bad = 0;

    window = map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    refused = 0;
    start(threads, churn, NULL);
    for (int i = 0; i < 60; i++) {
        size_t from = i % 16 * 4 * PAGE;
        mprotect((void *)(window + from), 4 * PAGE, i % 3 ? PROT_READ : PROT_NONE);
        bad += child_run(read_all, (void *)window) != 0;
        mprotect((void *)(window + from), 4 * PAGE, PROT_READ | PROT_WRITE);
        munmap((void *)(window + from), 2 * PAGE);
        mmap((void *)(window + from), 2 * PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        madvise((void *)(window + from), 4 * PAGE, MADV_DONTNEED);
    }
    stop = 1;
    check_equal(join(threads), 0, "private memory comes and goes under its users");
    check_equal(bad, 0, "and its copies are whole");
    note("%ld times it was not there", refused);
    munmap((void *)window, PAGES * PAGE);
}

/* --- Calls of one thread on memory that another takes away ---------------------------- */

static int ends[2];

static void *copy_window(void *argument)
{
    long wrong = 0;

    (void)argument;
    while (!stop) {
        ssize_t length = write(ends[1], (const void *)window, 3 * PAGE);
        if (length < 0 && errno != EFAULT && errno != EAGAIN)
            wrong++;
        length = read(ends[0], (void *)(window + 5 * PAGE), 3 * PAGE);
        if (length < 0 && errno != EFAULT && errno != EAGAIN)
            wrong++;
        sched_yield();
    }
    return (void *)(intptr_t)wrong;
}

static void test_calls(void)
{
    pthread_t threads[THREADS];

    if (pipe2(ends, O_NONBLOCK) != 0)
        bail("pipe2");
    window = map(PAGES * PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    start(threads, copy_window, NULL);
    for (int i = 0; i < 300; i++) {
        munmap((void *)(window + i % 8 * PAGE), PAGE);
        sched_yield();
        mmap((void *)(window + i % 8 * PAGE), PAGE, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        sched_yield();
    }
    stop = 1;
    check_equal(join(threads), 0, "calls on memory that another thread takes away");
    munmap((void *)window, PAGES * PAGE);
    close(ends[0]);
    close(ends[1]);
}

/* --- The end while others fault ------------------------------------------------------- */

static _Noreturn void *read_for_ever(void *argument)
{
    volatile unsigned char *memory = argument;

    for (unsigned i = 0;; i = (i + 3) % 8) /* the file has more */
        if (memory[i * PAGE] == 255 && memory[i * PAGE + 1] == 254)
            madvise((void *)(memory + i * PAGE), PAGE, MADV_DONTNEED);
}

static const char *own_name;

static int end_in_faults(void *argument)
{
    pthread_t threads[THREADS];
    int file = open(own_name, O_RDONLY);
    void *memory = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE, file, 0);

    if (memory == MAP_FAILED)
        return 1;
    start(threads, read_for_ever, memory);
    for (int i = 0; i < *(int *)argument; i++)
        sched_yield();
    return 7;
}

static void test_end(void)
{
    int ended = 0;

    for (int yields = 0; yields < 20; yields++)
        ended += child_run(end_in_faults, &yields) == 7 << 8;
    check_equal(ended, 20, "a process ends while its threads are in faults");
}

int main(int count, char **words)
{
    (void)count;
    refusals_expect();
    own_name = words[0];
    test_same_page();
    test_many_pages();
    test_unmap(own_name);
    test_truncate();
    test_churn();
    test_calls();
    test_end();
    return tap_end();
}
