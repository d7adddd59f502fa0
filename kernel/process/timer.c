/* kernel/process/timer.c - things that happen at a given time.
 *
 * There is no tick. Timers wait in a search tree sorted by time, and the processor's hardware
 * timer is armed for the nearest event: the first timer's, or the end of the time slice when
 * somebody else is ready. Armed too early is harmless (the interrupt finds nothing due and arms
 * again), so a deadline that is taken back costs no access to the device. Of several processors
 * the one that set a timer is armed for it, and whichever is interrupted first does what is due.
 *
 * Whoever sets a timer pays for finding its place, and however many others wait, that is a few
 * steps. The tree is a treap, as that of regions (region.c): sorted by time, of equal times the
 * one set first first, and a heap by a random priority. */
#include "arch/detour.h"
#include "kernel/process/placement.h"
#include "kernel/process/thread.h"

static struct spinlock lock; /* taken with the scheduler's held, or without */
static struct timer *timers GUARDED_BY(lock);
static uint64_t timers_set GUARDED_BY(lock); /* so many, ever: the order of equal times */

static void want(uint64_t when) REQUIRES(lock)
{
    if (when >= this_processor->timer_armed)
        return;
    this_processor->timer_armed = when;
    timer_arm(when);
}

void timer_want(uint64_t when)
{
    spin_lock(&lock);
    want(when);
    spin_unlock(&lock);
}

/* --- The tree ------------------------------------------------------------------------- */

static bool timer_before(const struct timer *one, const struct timer *other)
{
    return one->when != other->when ? one->when < other->when : one->order < other->order;
}

static uint32_t timer_priority(void) REQUIRES(lock)
{
    static uint32_t state = 0x9e3779b9;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Cut a tree into those before `timer` and those after it. */
static void tree_split(struct timer *tree, const struct timer *timer, struct timer **before,
                       struct timer **after)
{
    while (tree) {
        if (timer_before(tree, timer)) {
            *before = tree;
            before = &tree->after;
            tree = tree->after;
        } else {
            *after = tree;
            after = &tree->before;
            tree = tree->before;
        }
    }
    *before = *after = NULL;
}

/* Make one tree of two, all of `before` being before all of `after`, at *place. */
static void tree_merge(struct timer **place, struct timer *before, struct timer *after)
{
    while (before && after) {
        if (before->priority > after->priority) {
            *place = before;
            place = &before->after;
            before = before->after;
        } else {
            *place = after;
            place = &after->before;
            after = after->before;
        }
    }
    *place = before ? before : after;
}

/* The one that is due first; NULL: there is none. */
static struct timer *tree_first(void) REQUIRES(lock)
{
    struct timer *timer = timers;
    while (timer && timer->before)
        timer = timer->before;
    return timer;
}

static __attribute__((noinline)) void tree_remove(struct timer *timer) REQUIRES(lock)
{
    struct timer **place = &timers;
    while (*place != timer)
        place = timer_before(timer, *place) ? &(*place)->before : &(*place)->after;
    tree_merge(place, timer->before, timer->after);
    timer->set = false;
}

/* --- In, out, and due ------------------------------------------------------------------- */

void timer_cancel(struct timer *timer)
{
    spin_lock(&lock);
    if (timer->set)
        tree_remove(timer);
    spin_unlock(&lock);
}

void timer_set(struct timer *timer, uint64_t when, void (*call)(void *), void *argument)
{
    spin_lock(&lock);
    struct timer **place = &timers;
    if (timer->set)
        tree_remove(timer);
    *timer = (struct timer){.when = when,
                            .call = call,
                            .argument = argument,
                            .order = timers_set++,
                            .priority = timer_priority(),
                            .set = true};
    while (*place && (*place)->priority >= timer->priority)
        place = timer_before(timer, *place) ? &(*place)->before : &(*place)->after;
    tree_split(*place, timer, &timer->before, &timer->after);
    *place = timer;
    want(when);
    spin_unlock(&lock);
}

/* The time slice is over, or will be. */
static void turn_look(uint64_t now)
{
    spin_lock(&scheduler);
    if (several_processors())
        placement_look(now);
    if (turns_over(now))
        this_processor->return_work = 1;
    else
        timer_want(this_processor->turns.end);
    spin_unlock(&scheduler);
}

void timer_poked(void)
{
    turn_look(time_now());
}

void timer_interrupt(void)
{
    uint64_t now = time_now();
    struct timer *due;
    spin_lock(&lock);
    this_processor->timer_armed = UINT64_MAX;
    while ((due = tree_first()) && due->when <= now) {
        tree_remove(due);
        spin_unlock(&lock); /* the call may set timers, and wake */
        due->call(due->argument);
        spin_lock(&lock);
    }
    if (due)
        want(due->when);
    spin_unlock(&lock);
    turn_look(now);
}
