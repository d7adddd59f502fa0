/* kernel/thread.h - threads: who runs, who waits for what, and for how long. */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "arch/cpu.h"

struct process;

enum thread_state {
    THREAD_READY,
    THREAD_RUNNING,
    THREAD_SLEEPING,
    THREAD_STOPPED, /* SIGSTOP and its like */
    THREAD_DEAD,
};

struct thread {
    struct cpu_context context;
    void *stack; /* lowest address */
    enum thread_state state;
    int id;                  /* as gettid */
    struct process *process; /* NULL: the kernel's own (idle) */
    struct thread *sibling;  /* next thread of the process */
    struct thread *next;     /* in the ready queue, or in a sleep bucket */
    const void *channel;     /* SLEEPING: what it waits for */
    bool interruptible;      /* SLEEPING: a signal ends it */
    bool killable;           /* SLEEPING: a fatal signal ends it */
    uint64_t deadline;       /* SLEEPING: time when it gives up; UINT64_MAX: never */
    int wake_reason;         /* 0, -EINTR, -ETIMEDOUT */
    uint64_t signals_blocked, signals_pending; /* bit n-1: signal n */
    struct trap_frame *user_frame; /* its registers in user mode, on its kernel stack */
    uint64_t user_time, kernel_time, last_switch; /* ns */
    uint64_t clear_child_tid; /* user address; set_tid_address */
    uint64_t alternate_stack, alternate_size;
    uint32_t alternate_flags;
    uint32_t saved_mask_valid; /* a mask to restore once the handler has been set up */
    uint64_t saved_mask;       /* (rt_sigsuspend, ppoll) */
};

/* The thread that runs. Never NULL once thread_init is done. */
extern struct thread *current;

/* Make what runs now the idle thread. */
void thread_init(void);
/* A new thread that will run entry(argument) in the kernel; not ready yet. NULL: memory. */
struct thread *thread_create(struct process *process, void (*entry)(void *), void *argument);
void thread_ready(struct thread *thread);
/* End the current thread; its stack is reused after the switch away. */
_Noreturn void thread_exit(void);
/* Let others run; returns when it is this thread's turn again. */
void thread_yield(void);
/* Forever: run whoever is ready, else clear frames for the zeroed pool, else halt. */
_Noreturn void thread_idle_loop(void);

enum sleep_kind { SLEEP_ALWAYS, SLEEP_KILLABLE, SLEEP_INTERRUPTIBLE };
/* Sleep until thread_wake(channel), `deadline` (as time_now; UINT64_MAX: none), or a signal
 * as `kind` says. 0, -ETIMEDOUT, -EINTR. Interrupts are off, so testing a condition and
 * then sleeping loses no wake-up. */
int thread_sleep(const void *channel, enum sleep_kind kind, uint64_t deadline);
/* Wake all that sleep on `channel`. Callable from interrupts. */
void thread_wake(const void *channel);
/* Wake one thread out of whatever it sleeps in, if it may be interrupted: a signal came. */
void thread_interrupt(struct thread *thread, bool fatal);

/* Run `call(argument)` in interrupt context at `when` (ns). A timer that is set already is
 * moved. Memory belongs to the caller. */
struct timer {
    uint64_t when;
    void (*call)(void *argument);
    void *argument;
    struct timer *next;
    bool set;
};
void timer_set(struct timer *timer, uint64_t when, void (*call)(void *), void *argument);
void timer_cancel(struct timer *timer);
/* VECTOR_TIMER came: run what is due, end the time slice if it is over, arm the next. */
void timer_interrupt(void);

/* ns spent idle since kernel entry; user and kernel time of all threads, ended ones too. */
struct cpu_times {
    uint64_t user, kernel, idle;
};
extern struct cpu_times cpu_times;
extern uint64_t switch_count;

#endif
