/* kernel/process/thread.c - who runs.
 *
 * Round robin: a thread that could run waits for its turn (kernel/process/turns.c says
 * whose it is), runs until it sleeps or until its time slice is over, and waits again. A
 * slice is only measured while somebody else waits for the processor: a thread alone is
 * never interrupted for nothing. When nobody is ready the idle thread runs (what
 * kernel_main became): it clears frames for the zeroed pool, and halts.
 *
 * A thread that ends cannot free the stack it stands on; whoever runs next does it. */
#include "kernel/process/thread.h"

#include "arch/detour.h"
#include "arch/layout.h"
#include "arch/processors.h"
#include "kernel/process/placement.h"
#include "kernel/process/process.h"
#include "kernel/process/step.h"
#include "kernel/process/turns.h"
#include "kernel/report/trace.h"
#include "kernel/thrashing/sampling.h"
#include "lib/panic.h"
#include "mm/mm.h"

#define REPEATS_SEVERAL 16

uint64_t switch_count;
struct thread threads_idle[PROCESSORS_MOST];

/* Switched away from for good, and not freed yet. */
static struct thread *ended GUARDED_BY(scheduler);

/* --- Stacks ------------------------------------------------------------------------- */

/* A stack that nobody uses is kept for the next thread, with the link to another in its
 * lowest bytes, until frames run short. Its frames are the kernel's own; a thread charges
 * its account for the stack that it has. */
struct free_stack {
    struct free_stack *next;
};
static struct free_stack *free_stacks;
static uint32_t free_stack_count;

static void *stack_new(void) REQUIRES(mm)
{
    frame_t stack_frames[KERNEL_STACK_FRAMES];
    unsigned got = 0;
    while (got < ARRAY_SIZE(stack_frames)) {
        stack_frames[got] = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
        if (!frame_is(stack_frames[got]))
            break;
        frame_own(stack_frames[got], &kernel_account);
        got++;
    }
    void *stack = got == ARRAY_SIZE(stack_frames) ? kernel_stack_map(stack_frames) : NULL;
    while (!stack && got > 0)
        frame_free(stack_frames[--got]);
    return stack;
}

static bool stack_take(struct thread *thread) REQUIRES(mm)
{
    struct free_stack *stack = free_stacks;
    if (stack) {
        free_stacks = stack->next;
        free_stack_count--;
    } else {
        stack = stack_new();
    }
    thread->stack = stack;
    if (!stack)
        return false;
    thread->account = account_current;
    account_charge(thread->account, ACCOUNT_STACKS, KERNEL_STACK_FRAMES);
    return true;
}

static void stack_give(const struct thread *thread) REQUIRES(mm)
{
    struct free_stack *stack = thread->stack;
    stack->next = free_stacks;
    free_stacks = stack;
    free_stack_count++;
    account_uncharge(thread->account, ACCOUNT_STACKS, KERNEL_STACK_FRAMES);
}

uint32_t thread_stacks_kept(void)
{
    return free_stack_count * KERNEL_STACK_FRAMES;
}

uint32_t thread_stacks_shrink(void)
{
    uint32_t count = thread_stacks_kept();
    while (free_stacks) {
        frame_t stack_frames[KERNEL_STACK_FRAMES];
        struct free_stack *stack = free_stacks;
        free_stacks = stack->next;
        kernel_stack_unmap(stack, stack_frames);
        for (unsigned i = 0; i < KERNEL_STACK_FRAMES; i++)
            frame_free(stack_frames[i]);
    }
    free_stack_count = 0;
    return count;
}

/* For audit.c: a thread has charged its stack to its account. */
static void stack_audit(const void *object)
{
    const struct thread *thread = object;
    account_audit(thread->account, ACCOUNT_STACKS, KERNEL_STACK_FRAMES);
}

/* What is taken for a thread. */
struct thread_whole {
    struct thread thread;
    struct instruction instruction;
};

static struct slab_cache thread_cache = {
    .name = "thread",
    .size = sizeof(struct thread_whole),
    .audit = stack_audit,
};

static void *stack_top(const struct thread *thread)
{
    return (uint8_t *)thread->stack + KERNEL_STACK_SIZE;
}

/* --- Switching ---------------------------------------------------------------------- */

static void account_switch(void)
{
    if (current != this_processor->idle) {
        account_kernel();
        return;
    }
    uint64_t now = tsc_read();
    this_processor->ticks.idle += now - this_processor->ticks_mark;
    this_processor->ticks_mark = now;
}

struct cpu_ticks thread_cpu_ticks(void)
{
    struct cpu_ticks all = {0, 0, 0};
    for (unsigned i = 0; i < PROCESSORS_MOST; i++) {
        all.user += processors[i].ticks.user;
        all.kernel += processors[i].ticks.kernel;
        all.idle += processors[i].ticks.idle;
    }
    return all;
}

/* After a switch, on the new thread's stack: let go of the lock that the other one took, and bury
 * it if it has ended. */
static void switch_finish(void) RELEASES(scheduler)
{
    struct thread *other = ended;
    if (other)
        ended = NULL;
    spin_unlock(&scheduler);
    if (other)
        thread_discard(other);
}

/* In a space that several processes have, the limits are those of who runs. */
static void space_follow(const struct thread *next)
{
    const struct process *process = next->process;
    struct space *space = process ? process->space : NULL;
    if (!space)
        return;
    if (!process->ran)
        sampling_ran(next->process);
    if (!frame_same(root_loaded(), space->table.root))
        space_load(space);
    if (!space_is_limited_by(space, process))
        limits_bind(process, space);
}

static struct thread *thread_next(uint64_t now) REQUIRES(scheduler)
{
    if (turns_over(now))
        turns_pass();
    struct thread *next = turns_next(now);
    if (turns_waiting())
        timer_want(this_processor->turns.end);
    return next ? next : this_processor->idle;
}

void thread_switch(void)
{
    struct thread *previous = current;
    account_switch();
    struct thread *next = thread_next(account_time());
    next->state = THREAD_RUNNING;
    if (next == previous) {
        spin_unlock(&scheduler);
        return;
    }
    previous->work = this_processor->return_work;
    this_processor->return_work = next->work;
    current = next;
    switch_count++;
    previous->switches[previous->state]++;
    trace_process(TRACE_SWITCH, next->process, (uint32_t)next->id, 0, 0);
    space_follow(next);
    if (several_processors())
        placement_switch(previous, next);
    if (next->process && next->process->cpu_timers)
        itimer_arm(next);
    if (sampling_waits && next != this_processor->idle)
        sampling_resume();
    context_switch(&previous->context, &next->context, stack_top(next));
    switch_finish();
}

void thread_ready(struct thread *thread)
{
    spin_lock(&scheduler);
    turns_add(thread);
    spin_unlock(&scheduler);
}

static bool others_wait(void)
{
    spin_lock(&scheduler);
    bool waiting = turns_waiting();
    spin_unlock(&scheduler);
    return waiting;
}

/* Where other processors run, too: may it go on? */
static __attribute__((noinline)) bool goes_on(void)
{
    processor_pass();
    return !others_wait() && !placement_moves();
}

void thread_yield(void)
{
    if (several_processors() ? goes_on() : !others_wait())
        return;
    step_pause();
    spin_lock(&scheduler);
    turns_pass();
    turns_add(current);
    thread_switch();
}

uint64_t thread_others(void)
{
    return several_processors() ? processor_others_entries() : switch_count;
}

uint32_t thread_repeats(void)
{
    return several_processors() ? REPEATS_SEVERAL : 1;
}

void thread_breathe(void)
{
    cpu_poll_interrupts();
    if (several_processors())
        processor_pass();
    if (thread_turn_over(time_now()))
        thread_yield();
}

void thread_set_work(struct thread *thread)
{
    thread->work = 1;
    if (thread == current)
        this_processor->return_work = 1;
    else if (several_processors())
        placement_tell(thread);
}

bool threads_all_idle(void)
{
    for (unsigned i = 0; i < processor_count; i++)
        if (processors[i].thread != processors[i].idle)
            return false;
    return true;
}

/* --- Beginning and end -------------------------------------------------------------- */

static void thread_begin(void *argument) RELEASES(scheduler)
{
    struct thread *thread = argument;
    switch_finish();
    thread->entry(thread->argument);
    thread_exit();
}

struct thread *thread_create(struct process *process, void (*entry)(void *), void *argument)
{
    mm_lock();
    struct thread_whole *whole = slab_take_for(&thread_cache, account_current);
    struct thread *thread = whole ? &whole->thread : NULL;
    if (thread && !stack_take(thread)) {
        slab_give_locked(&thread_cache, thread);
        thread = NULL;
    }
    mm_unlock();
    if (!thread)
        return NULL;
    thread->instruction = &whole->instruction;
    thread->process = process;
    thread->entry = entry;
    thread->argument = argument;
    thread->alternate_flags = SS_DISABLE;
    thread->allowed = process && current->process ? current->allowed : PLACEMENT_ANY;
    thread->timer_slack = thread->timer_slack_first = 50000;
    thread->user_frame = (struct trap_frame *)stack_top(thread) - 1;
    context_init(&thread->context, thread->user_frame, thread_begin, thread);
    return thread;
}

void thread_discard(struct thread *thread)
{
    mm_lock();
    stack_give(thread);
    slab_give_locked(&thread_cache, thread);
    mm_unlock();
}

void thread_exit(void)
{
    spin_lock(&scheduler);
    ASSERT(!ended && !thread_is_idle(current));
    current->state = THREAD_DEAD;
    ended = current;
    thread_switch();
    panic("thread %d runs after its end", current->id);
}

void thread_join(struct account *account)
{
    mm_lock();
    account_charge(account, ACCOUNT_STACKS, KERNEL_STACK_FRAMES);
    account_uncharge(current->account, ACCOUNT_STACKS, KERNEL_STACK_FRAMES);
    mm_unlock();
    current->account = account;
}

/* --- Idle --------------------------------------------------------------------------- */

void thread_init(void)
{
    struct processor *self = this_processor->self;
    struct thread *idle = &threads_idle[self->number];
    spin_lock(&scheduler);
    idle->state = THREAD_RUNNING;
    idle->stack = (uint8_t *)self->stacks[STACK_BOOT] - KERNEL_STACK_SIZE;
    spin_unlock(&scheduler);
    self->idle = self->thread = idle;
    turns_begin();
    self->ticks_mark = tsc_read();
    *(self->number ? &self->ticks.idle : &self->ticks.kernel) =
        self->ticks_mark - timer_entry_tsc;
}

void thread_begin_other(void)
{
    thread_init();
    space_load(NULL);
    thread_idle_loop();
}

/* For this processor. */
static bool somebody_waits(void)
{
    spin_lock(&scheduler);
    bool waits = turns_waiting_here();
    spin_unlock(&scheduler);
    return waits;
}

void thread_idle_loop(void)
{
    for (;;) {
        this_processor->called = false;
        if (several_processors())
            processor_pass();
        if (somebody_waits()) {
            spin_lock(&scheduler);
            thread_switch();
        } else if (frame_zero_one() || washing_idle()) {
            cpu_poll_interrupts();
        } else {
            cpu_idle();
        }
    }
}
