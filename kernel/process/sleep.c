/* kernel/process/sleep.c - waiting for something to happen.
 *
 * A channel is an address that sleeper and waker agree on, usually that of the thing waited
 * for. Sleepers hang in hash buckets by channel, first come first. A wake-up says only "look
 * again": a sleeper tests its condition in a loop. Since the kernel is not preempted, nothing
 * can happen between the test and the sleep. */
#include "kernel/process/process.h"
#include "kernel/process/step.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define BUCKETS 256

static struct thread *buckets[BUCKETS] GUARDED_BY(scheduler);

static struct thread **bucket_of(const void *channel) REQUIRES(scheduler)
{
    uint64_t hash = (uintptr_t)channel * 0x9e3779b97f4a7c15ull;
    return &buckets[hash >> 56];
}

/* Take a sleeper out of its bucket and let it run. `link` points at it. */
static void wake_link(struct thread **link, int reason) REQUIRES(scheduler)
{
    struct thread *thread = *link;
    *link = thread->next;
    if (thread->deadline.set)
        timer_cancel(&thread->deadline);
    thread->channel = NULL;
    thread->wake_reason = reason;
    turns_add(thread);
}

static void wake_thread(struct thread *thread, int reason) REQUIRES(scheduler)
{
    struct thread **link = bucket_of(thread->channel);
    while (*link != thread)
        link = &(*link)->next;
    wake_link(link, reason);
}

struct thread *thread_wake_first(const void *channel)
{
    spin_lock(&scheduler);
    struct thread **link = bucket_of(channel);
    while (*link && (*link)->channel != channel)
        link = &(*link)->next;
    struct thread *thread = *link;
    if (thread)
        wake_link(link, 0);
    spin_unlock(&scheduler);
    return thread;
}

int thread_wake_some(const void *channel, int most)
{
    spin_lock(&scheduler);
    struct thread **link = bucket_of(channel);
    int woken = 0;
    while (*link && woken < most) {
        if ((*link)->channel == channel) {
            wake_link(link, 0);
            woken++;
        } else {
            link = &(*link)->next;
        }
    }
    spin_unlock(&scheduler);
    return woken;
}

void thread_wake(const void *channel)
{
    thread_wake_some(channel, INT32_MAX);
}

void thread_interrupt(struct thread *thread, bool fatal)
{
    spin_lock(&scheduler);
    if (thread->state == THREAD_SLEEPING &&
        (thread->interruptible || (fatal && thread->killable)))
        wake_thread(thread, -EINTR);
    spin_unlock(&scheduler);
}

static void deadline_passed(void *argument)
{
    spin_lock(&scheduler);
    wake_thread(argument, -ETIMEDOUT);
    spin_unlock(&scheduler);
}

/* The idle thread is what the others' sleeping falls back to, so it does not sleep itself:
 * while the kernel starts it waits for one interrupt, and its caller looks again. */
static int idle_wait(uint64_t deadline)
{
    if (time_now() >= deadline)
        return -ETIMEDOUT;
    cpu_idle();
    return 0;
}

/* Another thread may have been told of the signal, so that this one is not yet to look. */
static bool sleep_refused(enum sleep_kind kind)
{
    bool refused = (kind == SLEEP_INTERRUPTIBLE && signal_pending(current)) ||
                   (kind == SLEEP_KILLABLE && signal_fatal(current));
    if (refused && !current->leaving)
        thread_set_work(current);
    return refused;
}

int thread_sleep(const void *channel, enum sleep_kind kind, uint64_t deadline)
{
    struct thread *thread = current;
    if (thread == this_processor->idle)
        return idle_wait(deadline);
    if (sleep_refused(kind))
        return -EINTR;
    /* mm/ sleeps in the middle of an instruction's faults, and never interruptibly. Any
     * other sleep may last: nobody else's page should have to go for it. */
    if (kind == SLEEP_INTERRUPTIBLE && thread->pins.count > 0)
        fault_pins_release(&thread->pins);
    step_pause();
    if (thread->urgent)
        thread_rest(thread);
    spin_lock(&scheduler);
    thread->state = THREAD_SLEEPING;
    thread->channel = channel;
    thread->interruptible = kind == SLEEP_INTERRUPTIBLE;
    thread->killable = kind != SLEEP_ALWAYS;
    if (deadline != UINT64_MAX)
        timer_set(&thread->deadline, deadline, deadline_passed, thread);
    struct thread **link = bucket_of(channel);
    while (*link)
        link = &(*link)->next;
    thread->next = NULL;
    *link = thread;
    thread_switch();
    return thread->wake_reason;
}
