/* kernel/process/placement.c - on which processor a thread runs, where there are several.
 *
 * There is one row of those that wait for a turn (turns.c), and each processor takes the next
 * from it. So nobody waits while a processor idles, provided that it hears of it: whoever adds to
 * the row calls one that halts, or, for an urgent thread, the one whose thread is least urgent.
 *
 * A processor that runs alone is never interrupted for nothing. But where another runs too, each
 * interrupts itself every turn_length: then it sees that somebody has come to wait, for whom its
 * slice is to be measured. And an emulator that lets one processor run at a time passes to the
 * next one then: without that, one could run for ever. */
#include "kernel/process/placement.h"

#include "arch/kernel_lock.h"
#include "arch/mmu.h"
#include "arch/processors.h"
#include "kernel/parameter.h"
#include "kernel/process/process.h"

#define NS_PER_US 1000ul

bool placement_binds;

/* It has return work, and is told at once if it runs user code. */
static void tell(struct processor *processor)
{
    processor->return_work = 1;
    processor_poke(processor);
}

/* Its thread may not run there any more: at its return work it goes on elsewhere. */
static void send_on(struct processor *processor)
{
    processor->turns.end = 0;
    tell(processor);
}

/* --- Who may run where ---------------------------------------------------------------------- */

uint32_t placement_online(void)
{
    return (1u << processor_count) - 1;
}

/* Where each reference is to be seen, a page is given for one instruction of one thread
 * (kernel/process/step.h): another thread of that space must not run meanwhile. */
static bool is_traced(const struct thread *thread)
{
    return thread->process && thread->process->space &&
           group_traced(thread->process->space->group);
}

bool placement_allows(const struct thread *thread, unsigned number)
{
    return is_traced(thread) ? number == 0 : thread->allowed >> number & 1;
}

void placement_bind(struct thread *thread, uint32_t mask)
{
    spin_lock(&scheduler);
    thread->allowed = mask == placement_online() ? PLACEMENT_ANY : mask;
    if (thread->allowed != PLACEMENT_ANY)
        placement_binds = true;
    if (thread->state == THREAD_READY)
        placement_offer(thread);
    spin_unlock(&scheduler);
    if (thread->processor && !placement_allows(thread, thread->processor->number))
        send_on(thread->processor);
}

void placement_traced(void)
{
    if (!several_processors())
        return;
    placement_binds = true;
    for (unsigned i = 1; i < processor_count; i++) {
        struct processor *other = &processors[i];
        if (other->thread != NULL && !placement_allows(other->thread, i))
            send_on(other);
    }
    processors_stop();
}

bool placement_moves_on(void)
{
    return !placement_allows(current, this_processor->number);
}

/* --- Who is called -------------------------------------------------------------------------- */

static bool idles(const struct processor *processor)
{
    return processor->thread == processor->idle;
}

/* A halting processor for it, the running one first (a poke does not reach that: it needs none). */
static struct processor *idle_one(const struct thread *thread)
{
    struct processor *self = this_processor->self;
    if (idles(self) && !self->called && placement_allows(thread, self->number))
        return self;
    for (unsigned i = 0; i < processor_count; i++) {
        struct processor *other = &processors[i];
        if (other->idle && idles(other) && !other->called && placement_allows(thread, i))
            return other;
    }
    return NULL;
}

static struct processor *less_urgent_one(const struct thread *thread)
{
    struct processor *least = NULL;
    for (unsigned i = 0; i < processor_count; i++) {
        struct processor *other = &processors[i];
        if (!other->idle || other->thread->urgent >= thread->urgent ||
            !placement_allows(thread, i))
            continue;
        if (!least || other->thread->urgent < least->thread->urgent)
            least = other;
    }
    return least;
}

void placement_offer(const struct thread *thread)
{
    struct processor *called = idle_one(thread);
    if (called) {
        called->called = true;
    } else if (thread->urgent) {
        called = less_urgent_one(thread);
        if (called)
            called->turns.end = 0;
    }
    if (called)
        processor_poke(called);
}

void placement_tell(struct thread *thread)
{
    if (thread->processor)
        tell(thread->processor);
}

/* --- Turns ---------------------------------------------------------------------------------- */

/* Do others run beside this one? Those that ran alone till now interrupt themselves from now on. */
static bool others_paced(void)
{
    bool run = false;
    for (unsigned i = 0; i < processor_count; i++) {
        struct processor *other = &processors[i];
        if (other == this_processor->self || idles(other))
            continue;
        run = true;
        if (!other->paced)
            tell(other);
    }
    return run;
}

/* No two are of one length: where one processor runs at a time, the next turn of another may be
 * over before it has begun, and with equal lengths so might be all that follow. */
static uint64_t turn_length(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15ull;
    state = state * 6364136223846793005ull + 1442695040888963407ull + interleave_seed;
    return parameters.turn * NS_PER_US * (1 + (state >> 60)) / 4;
}

void placement_look(uint64_t now)
{
    if (idles(this_processor->self))
        return;
    if (!turns_waiting_here() && !placement_moves())
        this_processor->turns.end = UINT64_MAX; /* another processor took who waited */
    else if (this_processor->turns.end == UINT64_MAX)
        this_processor->turns.end = now + SLICE_NS;
    this_processor->paced = others_paced();
    if (this_processor->paced)
        timer_want(now + turn_length());
}

/* Who idles goes on remembering the space that was loaded: most often one of its threads comes
 * next, and finds its translations there. Who works for the kernel, or ends and has no space any
 * more, remembers nothing of one. */
static void space_follow_lazily(const struct thread *previous, const struct thread *next)
{
    const struct thread *idle = this_processor->idle;
    const struct space *space = next->process ? next->process->space : NULL;

    if (next == idle)
        space_rest();
    else if (!space && !frame_same(root_loaded(), kernel_root()))
        space_load(NULL);
    else if (previous == idle)
        space_come_back(space);
}

void placement_switch(struct thread *previous, struct thread *next)
{
    previous->processor = NULL;
    next->processor = this_processor->self;
    space_follow_lazily(previous, next);
    placement_look(account_time());
}
