/* kernel/signal/itimer.h - timers of a process that end in a signal: setitimer and timer_create. */
#ifndef KERNEL_SIGNAL_ITIMER_H
#define KERNEL_SIGNAL_ITIMER_H

#include "kernel/process/thread.h"
#include "kernel/signal/signal.h"

struct process;

/* What a timer counts. */
enum itimer_clock {
    ITIMER_REAL,    /* ns since kernel entry, as time_now */
    ITIMER_VIRTUAL, /* ns that its process has run user code */
    ITIMER_PROF,    /* ns that its process has run */
    ITIMER_THREAD,  /* ns that one thread has run */
};

/* setitimer's timers, one for each of the first three clocks, have negative ids. */
#define ITIMER_CLASSIC     3
#define ITIMER_FIRST_ID    (-ITIMER_CLASSIC)
#define ITIMER_COUNT_MAX   64 /* of timer_create, for a process */
#define ITIMER_OVERRUN_MAX INT32_MAX

struct itimer {
    enum itimer_clock clock;
    bool silent; /* SIGEV_NONE: it is only read, and never runs out for anybody */
    bool to_thread;
    bool untold;       /* its maker is yet to be told its id: nobody else finds it */
    uint64_t when;     /* in its clock; 0: not running */
    uint64_t interval; /* 0: once */
    bool waits;        /* it has run out, and goes on once its signal has been taken */
    uint64_t skipped;  /* times that it would have run out while it waited */
    struct process *process;
    struct thread *thread; /* whom the signal is for, or whose time it counts; NULL: gone */
    int signal, id;
    int linux_clock; /* as timer_create was told */
    uint64_t value;
    uint32_t overruns; /* of the signal delivered last */
    struct timer timer;
    struct itimer *next; /* of the process */
};

/* ns by the timer's clock, now. */
uint64_t itimer_now(const struct itimer *itimer);
/* Let it run out at `when` (its clock; 0: never), then every `interval` ns. */
void itimer_set(struct itimer *itimer, uint64_t when, uint64_t interval);
/* ns until it runs out, at least 1; 0: it does not run. */
uint64_t itimer_left(const struct itimer *itimer);

/* A new one of the current process, with the lowest free id from `first` on; NULL: too many,
 * or no memory. */
struct itimer *itimer_create(int first);
struct itimer *itimer_find(int id); /* NULL: the process has none of that id */
void itimer_delete(struct itimer *itimer);

/* Those of the current process that count running time: look whether one has run out, and
 * have the processor come back when the next may. */
void itimer_check(void);
/* `thread` is about to run for a process with such timers. */
void itimer_arm(const struct thread *thread);
/* Timers of the process that wait with a signal of `set` go on: it was taken, or forgotten, or
 * is no longer ignored. */
void itimer_go_on(struct process *process, uint64_t set);
/* A signal of the process is being delivered: its timers go on, and if it came from one of them,
 * *info gets to know how often that has run out beside. */
void itimer_delivered(struct process *process, struct signal_info *info);
/* The process ends: none runs any more. `execs`: setitimer's stay. */
void itimer_end(struct process *process, bool execs);
/* The thread ends: nothing is sent to it, its time stands still. */
void itimer_end_thread(const struct process *process, const struct thread *thread);

#endif
