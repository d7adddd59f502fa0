/* heap-beside.c - two threads move the heap's end while all new memory is to be resident.
 *
 * A third one changes the rights of some thousand pages without end, so that both wait for the end
 * of a change: one to give back most of the heap, the other to make it larger. What the second adds
 * begins where the first has left the end, and not where it was when the second began to wait. */
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE  8192 /* pages: a change takes a turn and more */
#define ROUNDS 32
#define SMALL  1 /* pages of the heap */
#define MIDDLE 4
#define GROWN  6

static char *large, *heap;
static volatile int stop, round_now, rounds_done[2];

static char *brk_to(char *end)
{
    return (char *)raw3(SYS_brk, (long)end, 0, 0);
}

static void *change(void *unused)
{
    while (!stop)
        if (mprotect(large, LARGE * PAGE, PROT_READ) != 0 ||
            mprotect(large, LARGE * PAGE, PROT_READ | PROT_WRITE) != 0)
            bail("mprotect");
    return unused;
}

/* In each round once; who is first to shrink is first to wait. */
static void *mover(void *grows)
{
    size_t pages = grows ? GROWN : SMALL;
    for (int round = 1; round <= ROUNDS; round++) {
        while (round_now < round)
            sched_yield();
        if (grows)
            sched_yield();
        brk_to(heap + pages * PAGE);
        rounds_done[grows != NULL] = round;
    }
    return NULL;
}

/* Is all of the heap resident? */
static bool heap_is_there(void)
{
    unsigned char resident[GROWN] = {0};
    size_t pages = (size_t)(brk_to(NULL) - heap) / PAGE;
    if (pages > GROWN || mincore(heap, pages * PAGE, resident) != 0)
        bail("mincore");
    for (size_t i = 0; i < pages; i++)
        if (!(resident[i] & 1))
            return false;
    return true;
}

static bool round_run(int round)
{
    if (brk_to(heap + MIDDLE * PAGE) != heap + MIDDLE * PAGE)
        bail("brk");
    round_now = round;
    while (rounds_done[0] < round || rounds_done[1] < round)
        sched_yield();
    bool there = heap_is_there();
    brk_to(heap);
    return there;
}

int main(void)
{
    pthread_t changer, movers[2];
    large = mmap(NULL, LARGE * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    heap = (char *)(((unsigned long)brk_to(NULL) + PAGE - 1) / PAGE * PAGE);
    if (large == MAP_FAILED || brk_to(heap) != heap)
        bail("memory");
    if (pthread_create(&changer, NULL, change, NULL) != 0 ||
        pthread_create(&movers[0], NULL, mover, NULL) != 0 ||
        pthread_create(&movers[1], NULL, mover, heap) != 0)
        bail("pthread_create");
    check(mlockall(MCL_FUTURE) == 0, "new memory is to be resident");
    bool there = true;
    for (int round = 1; round <= ROUNDS && there; round++)
        there = round_run(round);
    check(there, "what the heap has grown by is, whoever moved its end meanwhile");
    stop = 1;
    pthread_join(changer, NULL);
    if (there)
        for (int i = 0; i < 2; i++)
            pthread_join(movers[i], NULL);
    return tap_end();
}
