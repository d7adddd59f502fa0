/* kernel/process/limit.c - setrlimit's limits, and those that are kept here: running time.
 *
 * RLIMIT_CPU and RLIMIT_RTTIME count as the timers of running time do (kernel/signal/itimer.c):
 * while such a process runs, the hardware is asked for an interrupt when the limit could be
 * reached. */
#include "kernel/process/limit.h"

#include "kernel/file/file.h"
#include "kernel/process/capacity.h"
#include "kernel/process/exec.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define NS_PER_SECOND 1000000000ull
#define NS_PER_US     1000ull

void limits_default(struct process *process)
{
    struct limit_pair *limits = process->limits;
    for (int limit = 0; limit < RLIM_NLIMITS; limit++)
        limits[limit] = (struct limit_pair){RLIM_INFINITY, RLIM_INFINITY};
    limits[RLIMIT_STACK].soft = 8ul << 20;
    limits[RLIMIT_MEMLOCK] = (struct limit_pair){8ul << 20, 8ul << 20};
    limits[RLIMIT_CORE] = (struct limit_pair){0, RLIM_INFINITY};
    limits[RLIMIT_NOFILE] = (struct limit_pair){1024, FILES_MAX};
    limits[RLIMIT_NPROC] = (struct limit_pair){capacity.threads, capacity.threads};
    limits[RLIMIT_SIGPENDING] = (struct limit_pair){capacity.threads, capacity.threads};
}

/* --- Running time --------------------------------------------------------------------- */

/* Of the two, one counts seconds of the whole process, the other microseconds of a real-time thread
 * since it slept last. At the soft limit SIGXCPU is sent, and again after each second more; at
 * the hard one SIGKILL. */
struct running {
    enum limit limit;
    uint64_t unit; /* ns */
    uint64_t time; /* ns that have passed */
};

static struct running running_of_process(const struct process *process)
{
    return (struct running){RLIMIT_CPU, NS_PER_SECOND, process_running_time(process)};
}

static struct running running_of_thread(const struct thread *thread)
{
    uint64_t ticks = thread->user_ticks + thread->kernel_ticks - thread->rested_ticks;
    return (struct running){RLIMIT_RTTIME, NS_PER_US, timer_ns(ticks)};
}

/* As ns. */
static uint64_t limit_ns(uint64_t limit, uint64_t unit)
{
    return limit > UINT64_MAX / unit ? UINT64_MAX : limit * unit;
}

/* When something is to be done about it. */
static uint64_t limit_end(const struct process *process, enum limit limit, uint64_t unit)
{
    const struct limit_pair *pair = &process->limits[limit];
    return limit_ns(pair->soft < pair->hard ? pair->soft : pair->hard, unit);
}

static bool running_is_limited(const struct process *process)
{
    return limit_end(process, RLIMIT_CPU, NS_PER_SECOND) != UINT64_MAX ||
           limit_end(process, RLIMIT_RTTIME, NS_PER_US) != UINT64_MAX;
}

static uint64_t running_left(const struct process *process, struct running running)
{
    uint64_t end = limit_end(process, running.limit, running.unit);
    if (end == UINT64_MAX)
        return end;
    return end > running.time ? end - running.time : 1;
}

uint64_t limit_running_left(const struct thread *thread)
{
    uint64_t left = running_left(thread->process, running_of_process(thread->process));
    uint64_t rest =
        thread->urgent ? running_left(thread->process, running_of_thread(thread)) : left;
    return left < rest ? left : rest;
}

/* To be told again, a second after the time that has passed, or after the limit. */
static uint64_t limit_next(const struct running *running, uint64_t soft)
{
    return running->limit == RLIMIT_CPU ? running->time / NS_PER_SECOND + 1
                                        : soft + NS_PER_SECOND / NS_PER_US;
}

static void running_check(struct process *process, struct running running)
{
    struct limit_pair *pair = &process->limits[running.limit];
    if (running.time >= limit_ns(pair->hard, running.unit)) {
        signal_send(process, SIGKILL, SI_KERNEL, 0);
    } else if (running.time >= limit_ns(pair->soft, running.unit)) {
        pair->soft = limit_next(&running, pair->soft);
        signal_send(process, SIGXCPU, SI_KERNEL, 0);
    }
}

void limit_running_check(void)
{
    struct process *process = process_current();
    running_check(process, running_of_process(process));
    if (current->urgent)
        running_check(process, running_of_thread(current));
}

/* --- Files ------------------------------------------------------------------------------ */

int limit_file_write(uint64_t at, size_t *length)
{
    uint64_t limit = process_current()->limits[RLIMIT_FSIZE].soft;
    if (at >= limit) {
        signal_send(process_current(), SIGXFSZ, SI_KERNEL, 0);
        return -EFBIG;
    }
    if (*length > limit - at)
        *length = limit - at;
    return 0;
}

/* --- Setting ---------------------------------------------------------------------------- */

void limits_inherit(struct process *child, const struct process *parent)
{
    memcpy(child->limits, parent->limits, sizeof(child->limits));
    child->cpu_timers += running_is_limited(child);
}

uint64_t limit_stack(const struct process *process)
{
    uint64_t limit = process->limits[RLIMIT_STACK].soft;
    return limit < USER_END / 2 ? limit : USER_END / 2;
}

/* Data may come to the hard limit where the soft one is 0, as on Linux: only the heap may not. */
void limits_bind(const struct process *process, struct space *space)
{
    const struct limit_pair *data = &process->limits[RLIMIT_DATA];
    space_limit(space, process, process->limits[RLIMIT_AS].soft,
                data->soft > 0 ? data->soft : data->hard, limit_stack(process));
}

int limit_set(struct process *process, enum limit limit, struct limit_pair pair)
{
    if (pair.soft > pair.hard)
        return -EINVAL;
    if (limit == RLIMIT_NOFILE && pair.hard > FILES_MAX)
        return -EPERM;
    process->cpu_timers -= running_is_limited(process);
    process->limits[limit] = pair;
    process->cpu_timers += running_is_limited(process);
    if (process->space && space_is_limited_by(process->space, process))
        limits_bind(process, process->space);
    if (limit == RLIMIT_CPU || limit == RLIMIT_RTTIME)
        for (struct thread *thread = process->threads; thread; thread = thread->sibling)
            thread_set_work(thread); /* on its way to user mode it looks, and arms */
    return 0;
}
