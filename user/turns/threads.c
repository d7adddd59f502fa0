/* threads.c - long calls about many threads, and what the kernel does unasked about a program. */
#define _GNU_SOURCE
#include "user/turns/turns.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* --- Waiting for a word ---------------------------------------------------------------------- */

#define FUTEX_WAIT    0
#define FUTEX_WAKE    1
#define FUTEX_REQUEUE 3
#define STACK         8192

static uint32_t words[2];
static size_t waiters;
static volatile size_t ready;

static void *wait_for_word(void *unused)
{
    (void)unused;
    __atomic_add_fetch(&ready, 1, __ATOMIC_RELAXED);
    syscall(SYS_futex, &words[0], FUTEX_WAIT, 0, NULL, NULL, 0);
    return NULL;
}

static void waiters_make(void)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    ready = 0;
    for (waiters = 0; waiters < many * 3 / 4; waiters++) {
        pthread_t thread;
        must(pthread_create(&thread, &attributes, wait_for_word, NULL) == 0, "a thread");
    }
    while (ready < waiters)
        usleep(1000);
    usleep(10000);
}

static void call_requeue(void)
{
    must(syscall(SYS_futex, &words[0], FUTEX_REQUEUE, 0, waiters, &words[1], 0) ==
             (long)waiters,
         "futex");
}

static void waiters_end(void)
{
    must(syscall(SYS_futex, &words[1], FUTEX_WAKE, waiters, NULL, NULL, 0) == (long)waiters,
         "futex");
}

/* --- The working set ------------------------------------------------------------------------- */

#define STRIDE  (1ul << 30) /* bytes: each page has tables of its own */
#define COMPUTE 3000000000l /* ns: the longer a sample takes, the later is the next */

static char *sparse;

static void sparse_make(void)
{
    sparse = mmap(NULL, many / 2 * STRIDE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    must(sparse != MAP_FAILED, "mmap");
    for (size_t i = 0; i < many / 2; i++)
        sparse[i * STRIDE] = 1;
}

static long time_used(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void call_compute(void)
{
    long end = time_used() + COMPUTE;

    while (time_used() < end)
        ;
}

static void sparse_end(void)
{
    must(munmap(sparse, many / 2 * STRIDE) == 0, "munmap");
}

const struct turn turns_of_threads[] = {
    {"futex-requeue", waiters_make, call_requeue, waiters_end},
    {"working-set", sparse_make, call_compute, sparse_end},
    {NULL, NULL, NULL, NULL},
};
