/* tests/host/thread.h - threads that switch only where they sleep.
 *
 * The kernel is never preempted: another thread runs only where one gives up the processor.
 * So here: each thread has a stack of its own and runs until it sleeps, yields or ends; the
 * scheduler (mm/above.h's side, tests/host/above.c) decides who goes on. Nothing depends on
 * the host's clock: the same decisions make the same run. */
#ifndef HOST_THREAD_H
#define HOST_THREAD_H

#include "mm/address_spaces/space.h"

#define THREADS_MAX   24
#define THREAD_DAEMON THREADS_MAX /* its place is behind the others' */
#define THREAD_DEVICES \
    (THREADS_MAX + 1) /* what interrupts, where there are several processors */

enum thread_state { THREAD_NONE, THREAD_READY, THREAD_ASLEEP };

struct thread {
    enum thread_state state;
    const void *channel; /* ASLEEP: what it waits for */
    bool killable;       /* ASLEEP: a kill wakes it */
    bool dying;          /* killed; it must end as soon as it can */
    struct space *space; /* whose user addresses it means; may be NULL */
    void (*run)(struct thread *self);
    uint32_t number;
    void *stack, *stack_pointer;
    bool on, gives_up; /* with several processors: on one; and does not stay there */
};

extern struct thread threads[THREADS_MAX + 2];
/* The thread that is running, or NULL: the scheduler itself. */
extern struct thread *thread_current;

/* A thread that will run `run`; NULL: there are enough. */
struct thread *thread_create(struct space *space, void (*run)(struct thread *self));
/* THREAD_DAEMON or THREAD_DEVICES, which never end, and which nobody counts; anew at each call. */
void thread_daemon(unsigned number, void (*run)(struct thread *self));
/* From the scheduler: let it run until it sleeps, yields or ends. */
void thread_resume(struct thread *thread);
/* From a thread: back to the scheduler, with the state as it is set. */
void thread_switch_away(void);
/* From a thread: let others run. */
void thread_yield(void);

unsigned threads_alive(void);

#endif
