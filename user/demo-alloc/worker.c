/* worker.c - see worker.h. */
#define _GNU_SOURCE
#include "user/demo-alloc/worker.h"

#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"

#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void pass(long milliseconds)
{
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    while (nanosleep(&time, &time) != 0)
        ;
}

long now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static uint32_t below(uint32_t *dice, uint32_t bound)
{
    *dice = *dice * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)*dice * bound >> 32);
}

/* All that it needs to wait with has been used before its program was wired. */
static void rest(long microseconds)
{
    struct timespec time = {0, microseconds * 1000};

    if (microseconds > 0)
        nanosleep(&time, NULL);
}

static void live(struct work *work, char *region)
{
    uint32_t dice = 1, at = 0;
    long began = faults_now();

    while (!work->stop) {
        uint32_t set = (uint32_t)work->set;
        at = work->in_turn ? (at + 1) % set : below(&dice, set);
        region[(size_t)at * PAGE]++;
        work->touches++;
        for (volatile long i = work->think; i > 0; i--)
            ;
        rest(work->rest);
        work->faults = faults_now() - began;
    }
}

static int child(void *argument)
{
    const struct worker *worker = argument;

    setpriority(PRIO_PROCESS, 0, worker->nice);
    pages_resident();
    faults_now();
    rest(1);
    if (!program_wire())
        return 1;
    worker->work->resident = pages_resident();
    char *region = region_map((size_t)worker->pages);
    if (!group_join(worker->group))
        return 2;
    worker->work->ready = 1;
    live(worker->work, region);
    return 0;
}

bool worker_start(struct worker *worker, long set)
{
    worker->work = shared_page();
    worker->work->set = set;
    worker->pid = child_start(child, worker);
    while (!worker->work->ready && worker->pid > 0)
        pass(1);
    return worker->pid > 0;
}

void worker_stop(struct worker *worker)
{
    worker->work->stop = 1;
    child_wait(worker->pid);
}

long worker_frames(const struct worker *worker)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/%d/status", worker->pid);
    return field_read(path, "VmRSS") / 4 - worker->work->resident;
}
