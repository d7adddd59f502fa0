/* kernel/process/limit.c - setrlimit's limits, and the one that is kept here: running time.
 *
 * RLIMIT_CPU counts as the timers of running time do (kernel/signal/itimer.c): while such a process
 * runs, the hardware is asked for an interrupt when the limit could be reached. */
#include "kernel/process/limit.h"

#include "kernel/file/file.h"
#include "kernel/process/capacity.h"
#include "kernel/process/exec.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define NS_PER_SECOND 1000000000ull

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

static uint64_t running_time(const struct process *process)
{
    uint64_t user, kernel;
    process_times(process, &user, &kernel);
    return user + kernel;
}

/* Seconds as ns of running time. */
static uint64_t limit_ns(uint64_t seconds)
{
    return seconds > UINT64_MAX / NS_PER_SECOND ? UINT64_MAX : seconds * NS_PER_SECOND;
}

/* When something is to be done about it. */
static uint64_t cpu_end(const struct process *process)
{
    const struct limit_pair *pair = &process->limits[RLIMIT_CPU];
    return limit_ns(pair->soft < pair->hard ? pair->soft : pair->hard);
}

static bool cpu_is_limited(const struct process *process)
{
    return cpu_end(process) != UINT64_MAX;
}

uint64_t limit_cpu_left(const struct process *process)
{
    uint64_t end = cpu_end(process), now = running_time(process);
    if (end == UINT64_MAX)
        return end;
    return end > now ? end - now : 1;
}

void limit_cpu_check(void)
{
    struct process *process = process_current();
    struct limit_pair *pair = &process->limits[RLIMIT_CPU];
    uint64_t now = running_time(process);
    if (now >= limit_ns(pair->hard)) {
        signal_send(process, SIGKILL, SI_KERNEL, 0);
    } else if (now >= limit_ns(pair->soft)) {
        pair->soft = now / NS_PER_SECOND + 1; /* told again after another second */
        signal_send(process, SIGXCPU, SI_KERNEL, 0);
    }
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
    child->cpu_timers += cpu_is_limited(child);
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
    process->cpu_timers -= cpu_is_limited(process);
    process->limits[limit] = pair;
    process->cpu_timers += cpu_is_limited(process);
    if (process->space && space_is_limited_by(process->space, process))
        limits_bind(process, process->space);
    if (limit == RLIMIT_CPU)
        for (struct thread *thread = process->threads; thread; thread = thread->sibling)
            thread_set_work(thread); /* on its way to user mode it looks, and arms */
    return 0;
}
