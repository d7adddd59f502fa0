/* kernel/process/thread.h - threads: who runs, who waits for what, and for how long. */
#ifndef KERNEL_PROCESS_THREAD_H
#define KERNEL_PROCESS_THREAD_H

#include "arch/cpu.h"
#include "arch/kernel_lock.h"
#include "arch/timer.h"
#include "kernel/process/current.h"
#include "kernel/process/turns.h"
#include "mm/mm.h"

struct files;
struct process;
struct signal_entry;

/* Run `call(argument)` in interrupt context at `when` (ns). Memory belongs to the caller. */
struct timer {
    uint64_t when;
    void (*call)(void *argument);
    void *argument;
    uint64_t order;               /* of being set */
    struct timer *before, *after; /* in the tree of those that are set */
    uint32_t priority;
    bool set;
};

/* A timer that is set already is moved. */
void timer_set(struct timer *timer, uint64_t when, void (*call)(void *), void *argument);
void timer_cancel(struct timer *timer);
/* VECTOR_TIMER came: run what is due, end the time slice if it is over, arm the next. */
void timer_interrupt(void);
/* VECTOR_POKE came: somebody waits for a turn, or the current thread has return work. */
void timer_poked(void);
/* An event at `when` is wanted: arm the hardware unless it will come sooner anyway. */
void timer_want(uint64_t when);

enum thread_state {
    THREAD_READY,
    THREAD_RUNNING,
    THREAD_SLEEPING,
    THREAD_DEAD,
};

#define THREAD_NAME_SIZE 16

struct thread {
    struct cpu_context context;
    void *stack;             /* lowest address */
    struct account *account; /* of its program: its stack and its turns are that one's */
    enum thread_state state GUARDED_BY(scheduler);
    int id;                          /* as gettid */
    struct fault_pins pins;          /* pages its present instruction brought in */
    struct instruction *instruction; /* the present one, where it is traced (step.h) */
    bool stepping; /* that has been given pages, and runs under the single-step flag */
    struct process *process; /* NULL: the kernel's own (idle) */
    struct files *files; /* its process's, or (clone without CLONE_FILES) held for itself */
    struct processor *processor; /* where it runs, if there are several; NULL: nowhere */
    uint32_t allowed;            /* those that it may run on: bit n the one of number n */
    struct thread *sibling,
        *sibling_previous;       /* the threads of the process, eldest first */
    struct thread *of_number;    /* the next in a bucket (ids.c) */
    char name[THREAD_NAME_SIZE]; /* see thread_name (kernel/process/process.h) */
    struct thread *next GUARDED_BY(scheduler);     /* of those that wait, or sleep */
    struct thread *previous GUARDED_BY(scheduler); /* SLEEPING: before it on the channel */
    /* SLEEPING, and the first on its channel: the last there, if it is another; and the first on
     * another channel */
    struct thread *last GUARDED_BY(scheduler), *other GUARDED_BY(scheduler);
    void (*entry)(void *); /* where it begins */
    void *argument;
    const void *channel GUARDED_BY(scheduler); /* SLEEPING: what it waits for */
    uint8_t urgent;        /* it runs before whoever is less so: priority, or URGENT_MOST */
    bool interruptible;    /* SLEEPING: a signal ends it */
    bool killable;         /* SLEEPING: a fatal signal ends it */
    struct timer deadline; /* SLEEPING: when it gives up */
    int wake_reason;       /* 0, -EINTR, -ETIMEDOUT */
    uint32_t work;         /* return_work, while it does not run */
    uint64_t timer_slack, timer_slack_first;   /* ns, as asked for and at its birth */
    uint64_t signals_blocked, signals_pending; /* bit n-1: signal n */
    uint64_t signals_awaited; /* blocked, but for the wait for them (rt_sigtimedwait) */
    struct signal_entry *signal_info; /* what is known of the pending ones */
    struct trap_frame *user_frame; /* its registers in user mode, at the top of its stack */
    uint64_t switches[THREAD_DEAD + 1]; /* to others, by its state then */
    uint64_t user_ticks, kernel_ticks;  /* of running, as cpu_ticks */
    uint64_t rested_ticks;              /* both, when it slept last while it was urgent */
    uint64_t minor_faults, major_faults;
    uint64_t clear_child_tid; /* user address; set_tid_address */
    uint64_t set_child_tid;   /* user address where the new thread writes its id */
    uint64_t robust_list;     /* user address; set_robust_list */
    uint64_t alternate_stack, alternate_size;
    uint32_t alternate_flags;
    uint32_t policy; /* SCHED_…; the real-time ones are obeyed */
    bool leaving;    /* it ends, and has left to do what user memory is needed for */
    bool vfork_done; /* the child that it waits for has exec'ed or ended */
    bool watched;    /* it has reported something to its watch (kernel/report/watch.h) */
    bool saved_mask_valid; /* a mask to restore once the handler has been set up */
    uint64_t saved_mask;   /* (rt_sigsuspend, ppoll) */
    uint64_t
        sleep_until; /* a call with a time limit that is begun again: its end; 0: none */
    uint64_t fault_vector, fault_code, fault_address; /* the last exception, for handlers */
    uint64_t spurious_fault; /* which instruction found nothing amiss, and where; 0: none */
    uint64_t spurious_others; /* thread_others() then */
    uint32_t spurious_times;  /* since then, and all the while nobody else */
};

extern struct thread threads_idle[PROCESSORS_MOST]; /* each runs when nobody else does */

static inline bool thread_is_idle(const struct thread *thread)
{
    return thread >= threads_idle && thread < threads_idle + PROCESSORS_MOST;
}

/* Does no processor run anything? */
bool threads_all_idle(void);

/* Make what runs now the idle thread. */
void thread_init(void);
/* Where another processor begins: it is its idle thread. */
_Noreturn void thread_begin_other(void) SLEEPS;
/* A new thread that will run entry(argument) in the kernel; not ready yet. NULL: memory. */
MUST_USE struct thread *thread_create(struct process *process, void (*entry)(void *),
                                      void *argument);
/* Give back a thread that has never been ready. */
void thread_discard(struct thread *thread);
void thread_ready(struct thread *thread) EXCLUDES(scheduler);
/* The current thread is another program's now (exec). */
void thread_join(struct account *account);
/* End the current thread; its stack is reused after the switch away. */
_Noreturn void thread_exit(void) SLEEPS;
/* Give up the turn; returns when it is this thread's again. */
void thread_yield(void) SLEEPS EXCLUDES(scheduler);
/* With several processors a page fault comes without the kernel's lock, and memory is all that it
 * may touch (arch/kernel_lock.c). Is it so? */
static inline bool thread_alone(void)
{
    return several_processors() && !processor_joined();
}
/* From here on it may do anything. */
static inline void thread_enter(void)
{
    if (several_processors())
        processor_join();
}

/* It is another number whenever somebody else has run in the kernel. */
uint64_t thread_others(void);
/* So often in a row may a thread find nothing amiss, while that stays: with several processors
 * somebody may have been in the middle of changing what it looks at. */
uint32_t thread_repeats(void);
/* In the middle of something long: serve interrupts that wait, and let others run if the
 * time slice is over. To be called where a sleep would be allowed. */
void thread_breathe(void) SLEEPS;
/* Give the processor to the next ready thread, or to the idle thread. The caller has put
 * the current one where it will be found again. On return, the lock is free. */
void thread_switch(void) SLEEPS RELEASES(scheduler);
/* Have kernel_return_work called before `thread` next runs user code. */
void thread_set_work(struct thread *thread);
/* Stacks of ended threads are kept for threads to come. Give their frames back: how many. */
uint32_t thread_stacks_shrink(void) REQUIRES(mm);
/* Frames of those that are kept. */
uint32_t thread_stacks_kept(void);
/* Forever: run whoever is ready, else clear frames for the zeroed pool, else halt. */
_Noreturn void thread_idle_loop(void) SLEEPS;

enum sleep_kind { SLEEP_ALWAYS, SLEEP_KILLABLE, SLEEP_INTERRUPTIBLE };
/* Sleep until thread_wake(channel), `deadline` (as time_now; UINT64_MAX: none), or a signal
 * as `kind` says. 0, -ETIMEDOUT, -EINTR. Interrupts are off, so testing a condition and
 * then sleeping loses no wake-up. */
int thread_sleep(const void *channel, enum sleep_kind kind, uint64_t deadline) SLEEPS
    EXCLUDES(scheduler);
/* Wake all that sleep on `channel`. Callable from interrupts. */
void thread_wake(const void *channel) EXCLUDES(scheduler);
/* Wake the one that has slept longest; NULL: nobody sleeps there. */
struct thread *thread_wake_first(const void *channel) EXCLUDES(scheduler);
/* Wake at most `most` of them, first come first served. How many. */
int thread_wake_some(const void *channel, int most) EXCLUDES(scheduler);
/* Wake one thread out of whatever it sleeps in, if it may be interrupted: a signal came. */
void thread_interrupt(struct thread *thread, bool fatal) EXCLUDES(scheduler);

static inline enum thread_state thread_state(const struct thread *thread)
    EXCLUDES(scheduler)
{
    spin_lock(&scheduler);
    enum thread_state state = thread->state;
    spin_unlock(&scheduler);
    return state;
}

static inline bool thread_sleeps_on(const struct thread *thread, const void *channel)
    EXCLUDES(scheduler)
{
    spin_lock(&scheduler);
    bool sleeps = thread->channel == channel;
    spin_unlock(&scheduler);
    return sleeps;
}

/* Is the time slice of the current thread over at `now`, and does somebody else wait? */
static inline bool thread_turn_over(uint64_t now) EXCLUDES(scheduler)
{
    spin_lock(&scheduler);
    bool over = turns_over(now);
    spin_unlock(&scheduler);
    return over;
}

/* Of all processors, since kernel entry. */
struct cpu_ticks thread_cpu_ticks(void);
extern uint64_t switch_count;

/* What has passed since the last mark was spent by the current thread in user mode. */
static inline void account_user(void)
{
    uint64_t now = tsc_read();
    uint64_t passed = now - this_processor->ticks_mark;
    current->user_ticks += passed;
    this_processor->ticks.user += passed;
    this_processor->ticks_mark = now;
}

/* What has passed since the last mark was spent by the current thread in the kernel. */
static inline void account_kernel(void)
{
    uint64_t now = tsc_read();
    uint64_t passed = now - this_processor->ticks_mark;
    current->kernel_ticks += passed;
    this_processor->ticks.kernel += passed;
    this_processor->ticks_mark = now;
}

/* ns that it has run. */
static inline uint64_t thread_running_time(const struct thread *thread)
{
    return timer_ns(thread->user_ticks + thread->kernel_ticks);
}

/* It sleeps, or begins to be urgent: what it has run for without a rest (RLIMIT_RTTIME) begins
 * anew. */
static inline void thread_rest(struct thread *thread)
{
    thread->rested_ticks = thread->user_ticks + thread->kernel_ticks;
}

/* The time (as time_now) of the last of these: a few instructions ago. */
static inline uint64_t account_time(void)
{
    return timer_at(this_processor->ticks_mark);
}

#endif
