/* main.c - every system call, with arguments drawn at random.
 *
 * callfuzz SEED [CALLS [WORKERS]]. Each worker is a process of three threads that make calls
 * without sense: numbers from all over the table, arguments that are small, huge, descriptors,
 * flags, or addresses: of good memory, of memory that is read-only, or not there, at the edge,
 * or the kernel's. What the workers do to themselves is no matter; one that dies, or gets
 * stuck in a call that waits, is replaced. What is tested is that the kernel stays whole: at
 * the end the program prints how many calls it made, and /proc/audit must find nothing.
 *
 * Left out is only what would end the test itself: reboot, and signals or limits for other
 * processes than the worker's own. It refuses to run anywhere but here. */
#define _GNU_SOURCE
#include "user/callfuzz/callfuzz.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS_MAX 8
#define PATIENCE_MS 40

static struct slot *slots;
static long quota;

struct worker {
    int pid;
    long seen; /* calls when last looked at */
    int stuck; /* times that nothing had happened */
};

static long
    made[WORKERS_MAX]; /* calls in each worker's place, as far as they are believed */

static struct worker workers[WORKERS_MAX];
static int worker_count = 4;
static long replaced, freed;
static uint64_t seed;

static void worker_start(int number)
{
    static uint64_t births;
    struct random random = {(seed + ++births) * 0x9e3779b97f4a7c15ull | 1};

    draw(&random);
    fflush(stdout);
    int pid = fork();
    if (pid < 0)
        bail("fork");
    if (pid == 0)
        work(&slots[number], quota, draw(&random) | 1);
    workers[number] = (struct worker){.pid = pid, .seen = -1};
}

/* Waiting in a call for ever? A signal gets it out, if it has left itself a way; else it goes. */
static void worker_watch(struct worker *worker, long done)
{
    if (done != worker->seen) {
        worker->seen = done;
        worker->stuck = 0;
        return;
    }
    freed++;
    kill(worker->pid, ++worker->stuck == 1 ? SIGUSR1 : SIGKILL);
}

/* The count lies in memory that a call may have scribbled on. */
static long believe(int number)
{
    long now = slots[number].done;

    if (now < made[number] || now > made[number] + 1000000)
        __atomic_store_n(&slots[number].done, made[number], __ATOMIC_RELAXED);
    else
        made[number] = now;
    return made[number];
}

static int workers_look(void)
{
    int alive = 0;

    for (int i = 0; i < worker_count; i++) {
        long calls = believe(i);
        if (workers[i].pid && waitpid(workers[i].pid, NULL, WNOHANG | __WALL) != 0) {
            kill(-workers[i].pid, SIGKILL); /* children that it left behind */
            workers[i].pid = 0;
            if (calls < quota) {
                worker_start(i);
                replaced++;
            }
        }
        alive += workers[i].pid != 0;
        if (workers[i].pid)
            worker_watch(&workers[i], calls);
    }
    return alive;
}

int main(int count, char **words)
{
    const struct timespec patience = {0, PATIENCE_MS * 1000000};
    long calls = count > 2 ? atol(words[2]) : 100000, done = 0;

    if (!on_faultline() || count < 2 || getpid() == 1)
        return 2;
    seed = strtoull(words[1], NULL, 0);
    if (count > 3)
        worker_count = atoi(words[3]);
    if (worker_count < 1 || worker_count > WORKERS_MAX)
        worker_count = WORKERS_MAX;
    mkdir("/tmp", 0777);
    mkdir("/tmp/callfuzz", 0777);
    slots = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED)
        bail("mmap");
    quota = calls / worker_count;
    for (int i = 0; i < worker_count; i++)
        worker_start(i);
    while (workers_look())
        nanosleep(&patience, NULL);
    for (int i = 0; i < worker_count; i++)
        done += made[i] < quota ? made[i] : quota;
    printf("%ld calls made; %ld workers replaced, %ld times one was stuck\n", done,
           replaced, freed);
    return done >= quota * worker_count ? 0 : 1;
}
