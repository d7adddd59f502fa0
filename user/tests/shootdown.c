/* shootdown.c - what a call takes away is gone for all threads when it returns.
 *
 * Each processor remembers translations, and a thread that runs on another one goes on using them
 * until that one is told. So here threads read and write without ever calling the kernel, while
 * another unmaps, protects, moves, copies or discards the page: after that call has returned, no
 * old translation may be used. With one processor the same must hold, and holds easily. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE    4096ul
#define ROUNDS  12
#define MOMENT  12000 /* steps of a loop: longer than a processor's turn */
#define OTHERS  48    /* pages that take the frame that has gone */
#define WRITERS 3

typedef volatile unsigned long word;

static void moment(void)
{
    for (volatile int i = 0; i < MOMENT; i++)
        ;
}

static void *map(void *at, size_t length)
{
    void *memory = mmap(at, length, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
    if (memory == MAP_FAILED)
        bail("mmap");
    return memory;
}

/* --- A thread that never calls the kernel --------------------------------------------------- */

static word *page;           /* what it uses */
static volatile int stopped; /* it is to end */
static volatile int begun;   /* so many have used the page */

static __thread sigjmp_buf back;

static void refused(int signal)
{
    (void)signal;
    siglongjmp(back, 1);
}

static void *write_always(void *argument)
{
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    while (!stopped)
        if (sigsetjmp(back, 0) == 0)
            for (;;) {
                page[0]++;
                if (stopped)
                    break;
            }
    return argument;
}

#define OLD 0x01d01d01d01dul
#define NEW 0x2e32e32e32e3ul

static volatile long seen_new; /* so often */

static void *read_always(void *argument)
{
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    while (!stopped)
        if (sigsetjmp(back, 0) == 0)
            for (;;) {
                if (page[0] == NEW)
                    seen_new++;
                if (stopped)
                    break;
            }
    return argument;
}

static pthread_t beside(void *(*run)(void *))
{
    pthread_t thread;
    stopped = begun = 0;
    if (pthread_create(&thread, NULL, run, NULL) != 0)
        bail("pthread_create");
    while (!begun)
        sched_yield();
    moment();
    return thread;
}

static void end(pthread_t thread)
{
    stopped = 1;
    pthread_join(thread, NULL);
}

/* Does nobody write there any more? */
static bool stays(word *at)
{
    unsigned long before = *at;
    moment();
    return *at == before;
}

/* --- What is taken away --------------------------------------------------------------------- */

/* The same of one that takes something away itself, again and again. */
static void *protect_and_read(void *argument)
{
    word *own = argument;
    while (!stopped) {
        mprotect((void *)own, PAGE, PROT_READ);
        if (sigsetjmp(back, 0) == 0 && page[0] == NEW)
            seen_new++;
        mprotect((void *)own, PAGE, PROT_READ | PROT_WRITE);
        own[0]++;
    }
    return argument;
}

static void unmapped(void *(*also)(void *), const char *claim)
{
    void *own = map(NULL, PAGE);
    page = map(NULL, PAGE);
    page[0] = OLD;
    seen_new = 0;
    pthread_t reader = beside(read_always), other;
    pthread_create(&other, NULL, also, own);
    for (int round = 0; round < ROUNDS; round++) {
        munmap((void *)page, PAGE);
        word *others = map(NULL, OTHERS * PAGE);
        for (unsigned i = 0; i < OTHERS; i++)
            others[i * PAGE / sizeof(word)] = NEW;
        moment();
        munmap((void *)others, OTHERS * PAGE);
        map((void *)page, PAGE);
        page[0] = OLD;
        moment();
    }
    end(reader);
    end(other);
    munmap(own, PAGE);
    check(!seen_new, "%s", claim);
}

static void protected(size_t pages, const char *claim)
{
    bool all = true;
    page = map(NULL, pages * PAGE);
    memset((void *)page, 1, pages * PAGE);
    pthread_t writer = beside(write_always);
    for (int round = 0; round < ROUNDS; round++) {
        mprotect((void *)page, pages * PAGE, PROT_READ);
        all = all && stays(page);
        mprotect((void *)page, pages * PAGE, PROT_READ | PROT_WRITE);
        moment();
    }
    end(writer);
    check(all, "%s", claim);
}

static void forked(void)
{
    bool all = true;
    page = map(NULL, PAGE);
    pthread_t writer = beside(write_always);
    for (int round = 0; round < ROUNDS; round++) {
        int status;
        pid_t child = fork();
        if (child == 0)
            _exit(stays(page) ? 0 : 1);
        all = waitpid(child, &status, 0) == child && status == 0 && all;
    }
    end(writer);
    check(all, "after fork the parent's threads write nothing of the child's");
}

static void moved(void)
{
    bool all = true;
    word *one = map(NULL, PAGE), *other = map(NULL, PAGE);
    page = one;
    pthread_t writer = beside(write_always);
    for (int round = 0; round < ROUNDS; round++) {
        mremap((void *)one, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)other);
        all = all && stays(other);
        mremap((void *)other, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)one);
        moment();
    }
    end(writer);
    check(all, "after mremap nobody writes by the old address");
}

static void discarded(void)
{
    bool all = true;
    page = map(NULL, PAGE);
    pthread_t reader = beside(read_always);
    for (int round = 0; round < ROUNDS; round++) {
        page[0] = NEW;
        moment();
        madvise((void *)page, PAGE, MADV_DONTNEED);
        long before = seen_new;
        moment();
        /* What was read before may be told only now: once. The reader alone writes to the
         * count: it may be in the middle of that. */
        all = all && seen_new - before <= 1;
    }
    end(reader);
    check(all, "after MADV_DONTNEED nobody reads what was there");
}

/* --- What is copied ------------------------------------------------------------------------- */

static volatile unsigned long written, wrong;

static void *read_after(void *argument)
{
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    while (!stopped) {
        unsigned long least = written;
        if (page[0] < least)
            wrong++;
    }
    return argument;
}

static void copied(void)
{
    page = map(NULL, PAGE);
    written = wrong = 0;
    pthread_t reader = beside(read_after);
    for (int round = 1; round <= ROUNDS; round++) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        page[0] = (unsigned long)round; /* a copy: the child has the old frame */
        written = (unsigned long)round;
        moment();
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    end(reader);
    check_equal((long)wrong, 0, "what one thread writes to its copy, another reads there");
}

/* --- Where the kernel copies, evicts, ends -------------------------------------------------- */

static void *read_into(void *argument)
{
    int zero = open("/dev/zero", O_RDONLY);
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    while (!stopped) {
        ssize_t length = read(zero, (void *)page, 8 * PAGE);
        if (length < 0 ? errno != EFAULT : length > (ssize_t)(8 * PAGE))
            wrong++;
    }
    close(zero);
    return argument;
}

static void copied_to(void)
{
    page = map(NULL, 8 * PAGE);
    wrong = 0;
    pthread_t reader = beside(read_into);
    for (int round = 0; round < ROUNDS; round++) {
        munmap((char *)page + 2 * PAGE, 6 * PAGE);
        sched_yield();
        map((char *)page + 2 * PAGE, 6 * PAGE);
    }
    end(reader);
    check_equal((long)wrong, 0,
                "a read whose pages go meanwhile ends early, or not at all");
}

static void *read_pattern(void *argument)
{
    int pattern = *(int *)argument;
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    while (!stopped)
        if (pread(pattern, (void *)page, PAGE, 0) < 0 && errno != EFAULT)
            wrong++;
    return NULL;
}

static void copied_late(void)
{
    static unsigned long content[PAGE / sizeof(word)] = {OLD, OLD, OLD};
    int pattern = memfd_create("pattern", 0);
    bool intact = pwrite(pattern, content, PAGE, 0) == (ssize_t)PAGE;
    wrong = 0;
    page = map(NULL, PAGE);
    begun = stopped = 0;
    pthread_t reader;
    pthread_create(&reader, NULL, read_pattern, &pattern);
    while (!begun)
        sched_yield();
    for (int round = 0; round < 2 * ROUNDS; round++) {
        munmap((void *)page, PAGE);
        word *others = map(NULL, OTHERS * PAGE);
        for (unsigned i = 0; i < OTHERS; i++)
            others[i * PAGE / sizeof(word)] = NEW;
        moment();
        for (unsigned i = 0; i < OTHERS; i++)
            intact = intact && others[i * PAGE / sizeof(word)] == NEW;
        munmap((void *)others, OTHERS * PAGE);
        map((void *)page, PAGE);
        moment();
    }
    end(reader);
    close(pattern);
    check(intact && !wrong,
          "nor does the kernel, for a read that has begun before, write there");
}

#define LARGE  192
#define PASSES 6

static word *large;

static void *count_up(void *argument)
{
    unsigned long own = (unsigned long)argument;
    for (int pass = 0; pass < PASSES; pass++)
        for (unsigned i = 0; i < LARGE; i++)
            large[i * PAGE / sizeof(word) + own]++;
    return NULL;
}

/* Where frames are few (--frames), pages are evicted while others write to them. */
static void evicted(void)
{
    pthread_t threads[WRITERS];
    unsigned lost = 0;
    large = map(NULL, LARGE * PAGE);
    for (unsigned long i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, count_up, (void *)i);
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < LARGE; i++)
        for (unsigned own = 0; own < WRITERS; own++)
            lost += large[i * PAGE / sizeof(word) + own] != PASSES;
    check_equal(lost, 0, "no write is lost, whichever page goes");
}

static void *toggle(void *argument)
{
    word *own = argument;
    for (int i = 0; i < 150; i++) {
        mprotect((void *)own, PAGE, PROT_READ);
        mprotect((void *)own, PAGE, PROT_READ | PROT_WRITE);
        own[0]++;
    }
    return NULL;
}

static void storm(void)
{
    pthread_t threads[WRITERS];
    word *pages = map(NULL, WRITERS * PAGE);
    bool all = true;
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, toggle, (char *)pages + i * PAGE);
    for (unsigned i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        all = all && pages[i * PAGE / sizeof(word)] == 150;
    }
    check(all, "threads that protect their pages all the time disturb nobody");
}

static void *spin(void *argument)
{
    __atomic_add_fetch(&begun, 1, __ATOMIC_SEQ_CST);
    for (;;)
        ;
    return argument;
}

static void spinners(void)
{
    pthread_t thread;
    begun = 0;
    for (int i = 0; i < WRITERS; i++)
        pthread_create(&thread, NULL, spin, NULL);
    while (begun < WRITERS)
        sched_yield();
}

static void ended(void)
{
    int status, ended = 0, executed = 0;
    for (int round = 0; round < 3; round++) {
        pid_t child = fork();
        if (child == 0) {
            spinners();
            _exit(0);
        }
        ended += waitpid(child, &status, 0) == child && status == 0;
        child = fork();
        if (child == 0) {
            spinners();
            execl("/proc/self/exe", "shootdown", "nothing", (char *)NULL);
            _exit(1);
        }
        executed += waitpid(child, &status, 0) == child && status == 0;
    }
    check_equal(ended, 3, "a process ends while its threads run");
    check_equal(executed, 3, "and becomes another program");
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 0;
    struct sigaction action = {.sa_handler = refused, .sa_flags = SA_NODEFER};
    sigaction(SIGSEGV, &action, NULL);
    unmapped(read_always, "after munmap nobody reads what its frame holds now");
    unmapped(protect_and_read, "nor do those who take away something of their own");
    protected(1, "after mprotect(PROT_READ) nobody writes");
    protected(OTHERS, "nor where many pages go at once");
    forked();
    moved();
    discarded();
    copied();
    copied_to();
    copied_late();
    evicted();
    storm();
    ended();
    return tap_end();
}
