/* idle-root.c - idle-root [ROUNDS]: spaces that end while a processor idles with them loaded.
 *
 * A processor whose thread sleeps keeps that thread's space loaded. Here a thread sleeps on the
 * last processor, and others of its process take rights away and give memory back meanwhile:
 * when it wakes, it must see what is there now. Then the process ends while it sleeps; the
 * space's memory becomes that of the next process, and the idle processor must not go on through
 * tables that are another's. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/processor.h"
#include "user/lib/tap.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 64, NAPS = 20 };

static volatile char *area;
static volatile int wrong, naps;

static void *returns(void *argument)
{
    return argument;
}

static void *sleeper(void *last)
{
    run_on(*(int *)last);
    for (char seen = 1;; seen++) {
        for (int i = 0; i < PAGES; i++)
            wrong += area[i * PAGE] != seen;
        naps++;
        while (area[PAGES * PAGE] == seen)
            usleep(300);
    }
    return NULL;
}

/* New frames below the same addresses, another byte in each. */
static void exchange(char seen)
{
    mmap((void *)area, PAGES * PAGE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (int i = 0; i < PAGES; i++)
        area[i * PAGE] = seen;
    area[PAGES * PAGE] = seen;
}

/* One process: its other thread sleeps on the last processor when it ends. */
static void live_and_end(int last)
{
    pthread_t thread;

    area = mmap(NULL, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    exchange(1);
    pthread_create(&thread, NULL, sleeper, &last);
    for (char seen = 2; seen < NAPS; seen++) {
        while (naps < seen - 1)
            usleep(100);
        exchange(seen);
    }
    usleep(500);
    _exit(wrong != 0);
}

/* It ends with much to give back, which takes pauses: whoever ends then goes on elsewhere, perhaps
 * where its own space is loaded still. */
static void end_slowly(void)
{
    pthread_t thread;
    size_t pages = 1500;

    area = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                0);
    for (size_t i = 0; i < pages; i++) {
        area[i * PAGE] = 1;
        if (i & 1)
            mprotect((void *)(area + i * PAGE), PAGE, PROT_READ);
    }
    pthread_create(&thread, NULL, returns, NULL);
    _exit(0);
}

static void many_end_slowly(int rounds)
{
    int status, failed = 0;

    for (int i = 0; i < rounds; i++) {
        pid_t child = fork();

        if (child == 0)
            end_slowly();
        if (i % 3 == 0) {
            waitpid(child, &status, 0);
            failed += status != 0;
        }
    }
    while (wait(&status) > 0)
        failed += status != 0;
    check(failed == 0, "processes that have much to give back end (%d did not)", failed);
}

/* Memory of the next, full of what no table holds. */
static void fill_memory(void)
{
    size_t size = 1 << 20;
    char *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    memset(memory, 0xa5, size);
    munmap(memory, size);
}

int main(int argc, char *argv[])
{
    int rounds = argc > 1 ? atoi(argv[1]) : 12, last = get_nprocs() - 1, failed = 0;

    for (int i = 0; i < rounds; i++) {
        int status;
        pid_t child = fork();

        if (child == 0)
            live_and_end(last);
        fill_memory();
        waitpid(child, &status, 0);
        failed += status != 0;
        fill_memory();
    }
    check(failed == 0, "who wakes sees the memory that is there now (%d of %d did not)",
          failed, rounds);
    many_end_slowly(2 * rounds);
    return tap_end();
}
