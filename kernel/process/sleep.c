/* kernel/process/sleep.c - waiting for something to happen.
 *
 * A channel is an address that sleeper and waker agree on, usually that of the thing waited
 * for. Each channel has a queue, first come first, which a hash of its address finds: so it takes
 * a few steps to fall asleep and to be woken, however many others sleep. A wake-up says only "look
 * again": a sleeper tests its condition in a loop. Since the kernel is not preempted, nothing
 * can happen between the test and the sleep. */
#include "kernel/process/process.h"
#include "kernel/process/step.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "mm/mm.h"

#define BUCKETS 1024

/* The first sleeper of each channel, chained through `other`; behind it those that came later. */
static struct thread *buckets[BUCKETS] GUARDED_BY(scheduler);

#define INLINE static inline __attribute__((always_inline))

/* Where the first sleeper of the channel hangs, or would. */
INLINE struct thread **place_of(const void *channel) REQUIRES(scheduler)
{
    uint64_t hash = (uintptr_t)channel * 0x9e3779b97f4a7c15ull;
    struct thread **place = &buckets[hash >> 54];
    while (*place && (*place)->channel != channel)
        place = &(*place)->other;
    return place;
}

/* Behind those that sleep on the channel already. */
INLINE void sleeper_add(struct thread *thread) REQUIRES(scheduler)
{
    struct thread **place = place_of(thread->channel);
    struct thread *first = *place;
    thread->next = NULL;
    if (first) {
        thread->previous = first->next ? first->last : first;
        first->last = thread->previous->next = thread;
        return;
    }
    thread->other = NULL;
    *place = thread;
}

/* One of several on its channel. The one after the first is the first now, if it was that. */
static __attribute__((noinline)) void sleeper_leave(struct thread *thread,
                                                    struct thread **place)
    REQUIRES(scheduler)
{
    struct thread *first = *place, *next = thread->next;
    ASSERT(first && (next || thread != first));
    if (thread == first) {
        next->last = first->last;
        next->other = first->other;
        *place = next;
        return;
    }
    thread->previous->next = next;
    if (next)
        next->previous = thread->previous;
    else
        first->last = thread->previous;
}

/* Let a sleeper run; `place` is its channel's. */
INLINE void wake(struct thread *thread, struct thread **place, int reason)
    REQUIRES(scheduler)
{
    if (thread == *place && !thread->next)
        *place = thread->other;
    else
        sleeper_leave(thread, place);
    if (thread->deadline.set)
        timer_cancel(&thread->deadline);
    thread->channel = NULL;
    thread->wake_reason = reason;
    turns_add(thread);
}

static void wake_thread(struct thread *thread, int reason) REQUIRES(scheduler)
{
    wake(thread, place_of(thread->channel), reason);
}

struct thread *thread_wake_first(const void *channel)
{
    spin_lock(&scheduler);
    struct thread **place = place_of(channel);
    struct thread *thread = *place;
    if (thread)
        wake(thread, place, 0);
    spin_unlock(&scheduler);
    return thread;
}

int thread_wake_some(const void *channel, int most)
{
    spin_lock(&scheduler);
    struct thread **place = place_of(channel);
    int woken = 0;
    for (struct thread *thread = *place, *next; thread && woken < most; thread = next) {
        next = thread->next;
        wake(thread, place, 0);
        woken++;
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
    sleeper_add(thread);
    thread_switch();
    return thread->wake_reason;
}
