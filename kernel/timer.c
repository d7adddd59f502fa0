/* timer.c - things that happen at a given time.
 *
 * There is no tick. Timers wait in a list sorted by time, and the one hardware timer is
 * armed for the nearest event: the first timer's, or the end of the time slice when somebody
 * else is ready. Armed too early is harmless (the interrupt finds nothing due and arms
 * again), so a deadline that is taken back costs no access to the device. */
#include "kernel/thread.h"

static struct timer *timer_first;
static uint64_t armed = UINT64_MAX; /* what the hardware has been told */

void timer_want(uint64_t when)
{
    if (when >= armed)
        return;
    armed = when;
    timer_arm(when);
}

void timer_cancel(struct timer *timer)
{
    if (!timer->set)
        return;
    struct timer **link = &timer_first;
    while (*link != timer)
        link = &(*link)->next;
    *link = timer->next;
    timer->set = false;
}

void timer_set(struct timer *timer, uint64_t when, void (*call)(void *), void *argument)
{
    timer_cancel(timer);
    *timer = (struct timer){.when = when, .call = call, .argument = argument, .set = true};
    struct timer **link = &timer_first;
    while (*link && (*link)->when <= when)
        link = &(*link)->next;
    timer->next = *link;
    *link = timer;
    timer_want(when);
}

void timer_interrupt(void)
{
    uint64_t now = time_now();
    armed = UINT64_MAX;
    while (timer_first && timer_first->when <= now) {
        struct timer *due = timer_first;
        timer_first = due->next;
        due->set = false;
        due->call(due->argument);
    }
    if (thread_slice_over(now))
        return_work = 1;
    else
        timer_want(thread_slice_end);
    if (timer_first)
        timer_want(timer_first->when);
}
