/* futex.c - the call that locks are made of, word by word. */
#define _GNU_SOURCE
#include "user/lib/after.h"
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    FUTEX_WAIT,
    FUTEX_WAKE,
    FUTEX_REQUEUE = 3,
    FUTEX_CMP_REQUEUE,
    FUTEX_WAKE_OP,
    FUTEX_WAIT_BITSET = 9,
    FUTEX_WAKE_BITSET,
    FUTEX_PRIVATE = 128,
    FUTEX_WAIT_PRIVATE = FUTEX_WAIT | FUTEX_PRIVATE,
    FUTEX_WAKE_PRIVATE = FUTEX_WAKE | FUTEX_PRIVATE,
    FUTEX_CLOCK_REALTIME = 256,
};

/* For FUTEX_WAKE_OP. */
enum { OP_SET, OP_ADD, OP_OR, OP_ANDN, OP_XOR, OP_SHIFT = 8 };
enum { COMPARE_EQ, COMPARE_NE, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

static long operation_of(unsigned operation, int with, unsigned compare, int than)
{
    return (int)(operation << 28 | compare << 24 | (with & 0xfffu) << 12 | (than & 0xfffu));
}

static long futex(volatile void *word, int operation, long value, const void *time,
                  volatile void *other, long third)
{
    return raw6(SYS_futex, (long)word, operation, value, (long)time, (long)other, third);
}

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        ;
}

static long now_ms(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static volatile uint32_t words[8];
static volatile int woken;

struct sleeper {
    volatile uint32_t *word;
    int operation;
    uint32_t bits;
    long result;
    pthread_t thread;
};

static void *sleeper_run(void *argument)
{
    struct sleeper *sleeper = argument;

    sleeper->result =
        futex(sleeper->word, sleeper->operation, 0, NULL, NULL, sleeper->bits);
    __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void sleepers_start(struct sleeper *sleepers, int count)
{
    woken = 0;
    for (int i = 0; i < count; i++)
        if (pthread_create(&sleepers[i].thread, NULL, sleeper_run, &sleepers[i]) != 0)
            bail("pthread_create");
    sleep_ms(30); /* all of them sleep now */
}

static void sleepers_join(struct sleeper *sleepers, int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(sleepers[i].thread, NULL);
}

static void test_wait(void)
{
    struct timespec time = {0, 20000000};
    long before = now_ms(CLOCK_MONOTONIC);

    words[0] = 5;
    check_equal(futex(&words[0], FUTEX_WAIT, 4, NULL, NULL, 0), -EAGAIN,
                "nobody waits for what has changed already");
    check_equal(futex(&words[0], FUTEX_WAIT, 5, &time, NULL, 0), -ETIMEDOUT,
                "waiting has an end");
    check(now_ms(CLOCK_MONOTONIC) - before >= 20, "not before its time");
    time = after_ms(CLOCK_MONOTONIC, 20);
    check_equal(futex(&words[0], FUTEX_WAIT_BITSET, 5, &time, NULL, -1), -ETIMEDOUT,
                "until a time of the monotonic clock");
    time = after_ms(CLOCK_REALTIME, 20);
    check_equal(
        futex(&words[0], FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &time, NULL, -1),
        -ETIMEDOUT, "until a time of day");
    time = (struct timespec){0, 0};
    check_equal(futex(&words[0], FUTEX_WAIT_BITSET, 5, &time, NULL, -1), -ETIMEDOUT,
                "which may have passed");
    time.tv_nsec = 1000000000;
    check_equal(futex(&words[0], FUTEX_WAIT, 5, &time, NULL, 0), -EINVAL,
                "a second has fewer nanoseconds");
    check_equal(futex(&words[0], FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), -EINVAL,
                "no bits, no sleep");
    check_equal(futex((char *)&words[0] + 1, FUTEX_WAIT, 5, NULL, NULL, 0), -EINVAL,
                "a word is aligned");
    check_equal(futex((void *)16, FUTEX_WAIT, 5, NULL, NULL, 0), -EFAULT, "and is there");
    check_equal(futex(&words[0], FUTEX_WAKE, 1, NULL, NULL, 0), 0, "nobody to wake");
    check_equal(futex(&words[0], 99, 1, NULL, NULL, 0), -ENOSYS, "no such operation");
    check_equal(futex(&words[0], FUTEX_WAKE | 0x200, 1, NULL, NULL, 0), -ENOSYS,
                "nor one with an unknown flag");
    check_equal(futex(&words[0], FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 5, &time, NULL, 0),
                -EINVAL, "a time is looked at first");
    time.tv_nsec = 0;
    check_equal(futex(&words[0], FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 5, &time, NULL, 0),
                -ENOSYS, "how long is no time of day");
}

static void test_wake(void)
{
    struct sleeper sleepers[6];

    words[0] = 0;
    for (int i = 0; i < 6; i++)
        sleepers[i] = (struct sleeper){&words[0], FUTEX_WAIT_PRIVATE, 0, 0, 0};
    sleepers_start(sleepers, 6);
    check_equal(futex(&words[1], FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 0,
                "another word wakes nobody");
    check_equal(futex(&words[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1, "one is woken");
    sleep_ms(10);
    check_equal(woken, 1, "and runs");
    check_equal(futex(&words[0], FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0), 2, "two");
    check_equal(futex(&words[0], FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0), 3,
                "and all the rest");
    sleepers_join(sleepers, 6);
    check_equal(sleepers[0].result, 0, "who was woken is told 0");

    for (int i = 0; i < 4; i++)
        sleepers[i] = (struct sleeper){&words[0], FUTEX_WAIT_BITSET, 1u << i, 0, 0};
    sleepers_start(sleepers, 4);
    check_equal(futex(&words[0], FUTEX_WAKE_BITSET, 9, NULL, NULL, 6), 2,
                "those with one of the bits");
    check_equal(futex(&words[0], FUTEX_WAKE_BITSET, 9, NULL, NULL, 6), 0, "are woken once");
    check_equal(futex(&words[0], FUTEX_WAKE_BITSET, 9, NULL, NULL, 0), -EINVAL,
                "no bits at all is an error");
    check_equal(futex(&words[0], FUTEX_WAKE, 9, NULL, NULL, 0), 2, "the others by any");
    sleepers_join(sleepers, 4);
}

static void test_requeue(void)
{
    struct sleeper sleepers[5];

    words[0] = words[1] = 0;
    for (int i = 0; i < 5; i++)
        sleepers[i] = (struct sleeper){&words[0], FUTEX_WAIT, 0, 0, 0};
    sleepers_start(sleepers, 5);
    check_equal(futex(&words[0], FUTEX_CMP_REQUEUE, 1, (void *)2, &words[1], 7), -EAGAIN,
                "nobody moves if the word has changed");
    check_equal(futex(&words[0], FUTEX_CMP_REQUEUE, 1, (void *)2, &words[1], 0), 3,
                "one woken, two moved");
    sleep_ms(10);
    check_equal(woken, 1, "the two still sleep");
    check_equal(futex(&words[1], FUTEX_WAKE, 9, NULL, NULL, 0), 2, "on the other word");
    check_equal(futex(&words[0], FUTEX_REQUEUE, 0, (void *)9, &words[1], 0), 2,
                "the rest can be moved unseen");
    check_equal(futex(&words[0], FUTEX_WAKE, 9, NULL, NULL, 0), 0, "none is left");
    check_equal(futex(&words[1], FUTEX_WAKE, 9, NULL, NULL, 0), 2, "here they are");
    sleepers_join(sleepers, 5);
    check_equal(futex(&words[0], FUTEX_REQUEUE, -1, (void *)1, &words[1], 0), -EINVAL,
                "fewer than none cannot be woken");
    check_equal(futex((void *)16, FUTEX_CMP_REQUEUE, 1, (void *)-1, &words[1], 0), -EINVAL,
                "nor moved, wherever they are");
    check_equal(futex(&words[0], FUTEX_CMP_REQUEUE, 1, (void *)1, (void *)16, 7), -EFAULT,
                "both words are looked for before what is in one");
    sleepers[0] = sleepers[1] = (struct sleeper){&words[0], FUTEX_WAIT, 0, 0, 0};
    sleepers_start(sleepers, 2);
    check_equal(futex(&words[0], FUTEX_REQUEUE, 0, (void *)9, &words[0], 0), 2,
                "to the same word: they count");
    check_equal(futex(&words[0], FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 0,
                "who says that the word is private does not find who did not");
    check_equal(futex(&words[0], FUTEX_WAKE, 9, NULL, NULL, 0), 2, "both are there");
    sleepers_join(sleepers, 2);
}

static void test_wake_operation(void)
{
    struct sleeper sleepers[2];

    words[0] = words[1] = 0;
    sleepers[0] = (struct sleeper){&words[0], FUTEX_WAIT, 0, 0, 0};
    sleepers[1] = (struct sleeper){&words[1], FUTEX_WAIT, 0, 0, 0};
    sleepers_start(sleepers, 2);
    check_equal(futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1, &words[1],
                      operation_of(OP_ADD, 5, COMPARE_GT, 3)),
                1, "the word was not more than 3: one is woken");
    check_equal(words[1], 5, "and 5 was added");
    check_equal(futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1, &words[1],
                      operation_of(OP_SET | OP_SHIFT, 4, COMPARE_EQ, 5)),
                1, "it was 5: the other too");
    check_equal(words[1], 16, "and is 1 << 4 now");
    sleepers_join(sleepers, 2);
    futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1, &words[1],
          operation_of(OP_ANDN, 16, COMPARE_EQ, 5));
    check_equal(words[1], 0, "bits are cleared");
    futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1, &words[1],
          operation_of(OP_XOR, -1, COMPARE_LT, 0));
    check_equal((int)words[1], -1, "the operand has a sign");
    check_equal(futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1, (void *)16,
                      operation_of(OP_SET, 0, COMPARE_EQ, 0)),
                -EFAULT, "a word that is not there");
    uint32_t *constant = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check_equal(futex(&words[0], FUTEX_WAKE_OP, 1, (void *)1, constant,
                      operation_of(OP_SET, 1, COMPARE_EQ, 0)),
                -EFAULT, "a word that may be read only");
    check_equal(futex(&words[0], FUTEX_WAKE_OP | FUTEX_PRIVATE, 1, (void *)1, constant,
                      operation_of(OP_SET, 1, COMPARE_EQ, 0)),
                -EFAULT, "nor if it is this program's alone");
    munmap(constant, 4096);
    words[1] = 0;
    uint32_t set = operation_of(OP_SET, 1, COMPARE_EQ, 0);
    check_equal(
        futex((void *)((char *)words + 1), FUTEX_WAKE_OP, 1, (void *)1, &words[1], set),
        -EINVAL, "a first word at an odd address");
    check_equal(futex((void *)16, FUTEX_WAKE_OP, 1, (void *)1, &words[1], set), -EFAULT,
                "a first word that is not there");
    check_equal(words[1], 0, "and the second has not been changed");
    check_equal(
        futex((void *)((char *)words + 1), FUTEX_WAKE_OP, 1, (void *)1, (void *)16, set),
        -EINVAL, "of two wrong words the first is told of");
}

/* --- Signals ------------------------------------------------------------------------------- */

static volatile int caught;

static void catch (int signal)
{
    caught = signal;
}

static void *wait_caught(void *argument)
{
    const struct timespec *time = argument;

    return (void *)futex(&words[2], FUTEX_WAIT, 0, time, NULL, 0);
}

static long interrupted(int flags, struct timespec *time)
{
    struct sigaction action = {.sa_handler = catch, .sa_flags = flags};
    pthread_t thread;
    void *result;

    sigaction(SIGUSR1, &action, NULL);
    caught = words[2] = 0;
    pthread_create(&thread, NULL, wait_caught, time);
    sleep_ms(20);
    pthread_kill(thread, SIGUSR1);
    sleep_ms(20);
    words[2] = 1;
    futex(&words[2], FUTEX_WAKE, 9, NULL, NULL, 0);
    pthread_join(thread, &result);
    return (long)result;
}

static void test_signals(void)
{
    struct timespec time = {10, 0};

    check_equal(interrupted(0, NULL), -EINTR, "a handler ends the wait");
    check_equal(caught, SIGUSR1, "after it has run");
    check_equal(interrupted(SA_RESTART, NULL), 0, "unless it restarts calls");
    check_equal(interrupted(SA_RESTART, &time), -EINTR, "with a time limit always");
}

/* --- Between processes ------------------------------------------------------------------------ */

struct mapped {
    volatile uint32_t *at;
    int file;
};

static int wait_on(void *argument)
{
    const struct mapped *mapped = argument;
    volatile uint32_t *own =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, mapped->file, 0);
    struct timespec time = {5, 0};

    if (own == MAP_FAILED || own == mapped->at)
        return 1;
    return futex(own + 1025, FUTEX_WAIT, 0, &time, NULL, 0) == 0 ? 0 : 2;
}

static int wait_on_page(void *argument)
{
    struct timespec time = {5, 0};

    return futex(argument, FUTEX_WAIT, 0, &time, NULL, 0) == 0 ? 0 : 2;
}

static int wait_on_private(void *argument)
{
    struct timespec time = {0, 60000000};

    return futex(argument, FUTEX_WAIT, 0, &time, NULL, 0) == -ETIMEDOUT ? 0 : 2;
}

static void test_shared(void)
{
    char name[] = "futex-test";
    int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct mapped mapped = {NULL, file};
    uint32_t *page = shared_page();

    if (file < 0 || ftruncate(file, 8192) != 0)
        bail(name);
    mapped.at = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    pid_t child = child_start(wait_on, &mapped);
    sleep_ms(30);
    check_equal(futex(mapped.at + 1025, FUTEX_WAKE, 1, NULL, NULL, 0), 1,
                "a word of a file is the same at every address");
    check_equal(child_wait(child), 0, "in every process");

    child = child_start(wait_on_page, page + 3);
    sleep_ms(30);
    check_equal(futex(page + 4, FUTEX_WAKE, 1, NULL, NULL, 0), 0, "its neighbour is not");
    check_equal(futex(page + 3, FUTEX_WAKE, 1, NULL, NULL, 0), 1,
                "shared memory without a name will do");
    check_equal(child_wait(child), 0, "for parent and child");

    child = child_start(wait_on_private, (void *)&words[3]);
    sleep_ms(30);
    check_equal(futex(&words[3], FUTEX_WAKE, 1, NULL, NULL, 0), 0,
                "private memory is each process's own");
    check_equal(child_wait(child), 0, "and nobody is woken in the other");
    unlink(name);
}

static void *wait_a_while(void *word)
{
    return (void *)futex(word, FUTEX_WAIT, 0, &(struct timespec){0, 100000000}, NULL, 0);
}

/* A word that has gone is nobody's, whatever is there now. */
static void test_gone(void)
{
    void *result, *page = shared_page();
    pthread_t thread;

    pthread_create(&thread, NULL, wait_a_while, page);
    sleep_ms(30);
    munmap(page, 4096);
    mmap(page, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check_equal(futex(page, FUTEX_WAKE, 1, NULL, NULL, 0), 0,
                "who waits on memory that has gone is not woken through what came");
    pthread_join(thread, &result);
    check_equal((long)result, -ETIMEDOUT, "but by the time");
}

/* Who does not say "private" waits for what others may change, and nobody can. */
static void test_read_only(void)
{
    static const struct timespec soon = {0, 1000000};
    uint32_t *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    check_equal(futex(page, FUTEX_WAIT, 0, &soon, NULL, 0), -EFAULT,
                "zeroes that cannot be written: nothing to wait for");
    check_equal(futex(page, FUTEX_WAIT, 1, &soon, NULL, 0), -EFAULT,
                "whatever is expected there");
    check_equal(futex(page, FUTEX_WAKE, 1, NULL, NULL, 0), -EFAULT, "nor to be woken for");
    check_equal(futex(page, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0), -ETIMEDOUT,
                "private to the process, it is a place like any other");
    munmap(page, 4096);
    page = mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check_equal(futex(page, FUTEX_WAIT, 0, &soon, NULL, 0), -ETIMEDOUT,
                "shared memory may be written elsewhere");
    munmap(page, 4096);
}

/* A private mapping shows the file's page, which others may change, or a copy of its own. */
static void test_read_only_file(void)
{
    static const struct timespec soon = {0, 1000000};
    int file = memfd_create("futex", 0);

    if (file < 0 || ftruncate(file, 4096) != 0)
        bail("memfd_create");
    uint32_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    mprotect(page, 4096, PROT_READ);
    check_equal(futex(page, FUTEX_WAIT, 0, &soon, NULL, 0), -ETIMEDOUT,
                "a file's page that may be read only");
    check_equal(futex(page, FUTEX_WAKE, 1, NULL, NULL, 0), 0, "can be woken for");
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
    page[1] = 1;
    check_equal(futex(page, FUTEX_WAIT, 0, &soon, NULL, 0), -ETIMEDOUT,
                "a copy of it that may be written");
    mprotect(page, 4096, PROT_READ);
    check_equal(futex(page, FUTEX_WAIT, 0, &soon, NULL, 0), -EFAULT,
                "and not any more: nobody can change it");
    check_equal(futex(page, FUTEX_WAIT, 1, &soon, NULL, 0), -EFAULT,
                "whatever is expected in it");
    check_equal(futex(page, FUTEX_WAKE, 1, NULL, NULL, 0), -EFAULT, "nor to be woken for");
    check_equal(futex(page, FUTEX_WAIT_PRIVATE, 0, &soon, NULL, 0), -ETIMEDOUT,
                "private to the process, it is a place like any other, too");
    munmap(page, 4096);
    close(file);
}

int main(void)
{
    test_wait();
    test_wake();
    test_requeue();
    test_wake_operation();
    test_signals();
    test_shared();
    test_gone();
    test_read_only();
    test_read_only_file();
    return tap_end();
}
