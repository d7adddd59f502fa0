/* worker.h - processes with a known way of using memory, to divide frames among.
 *
 * Each is wired but for one region of its own, and refers to pages of that: any of the first
 * `set`, with equal chance, or all of them in turn. It thinks between two references, which
 * makes a second of its time a known number of them, or rests. */
#ifndef USER_DEMO_ALLOC_WORKER_H
#define USER_DEMO_ALLOC_WORKER_H

#include <stdbool.h>
#include <sys/types.h>

struct worker {
    const char *name, *group;
    int pages; /* of its region */
    int nice;
    pid_t pid;
    struct work *work; /* shared with it */
};

struct work {
    volatile long set;     /* pages in use */
    volatile long in_turn; /* 1: one after another, 0: any */
    volatile long think;   /* turns of a loop after each reference */
    volatile long rest;    /* us to sleep after each */
    volatile long touches, faults;
    volatile long resident; /* of the program, wired, before it began */
    volatile long ready, stop;
};

/* Start it, in its group, which is there already; returns when it has mapped its region. */
bool worker_start(struct worker *worker, long set);
void worker_stop(struct worker *worker);
/* Frames that its region has now. */
long worker_frames(const struct worker *worker);
/* So many milliseconds pass. */
void pass(long milliseconds);
/* The time now, in milliseconds. */
long now(void);

#endif
