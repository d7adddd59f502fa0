/* kernel/process/placement.h - on which processor a thread runs, where there are several.
 * See kernel/process/placement.c for the idea. */
#ifndef KERNEL_PROCESS_PLACEMENT_H
#define KERNEL_PROCESS_PLACEMENT_H

#include "arch/detour.h"
#include "arch/processor.h"
#include "kernel/process/spinlock.h"
#include "kernel/process/turns.h"

struct thread;

#define PLACEMENT_ANY ((1u << PROCESSORS_MOST) - 1)

/* Is any thread bound to some of the processors? Then whoever looks for the next one has to ask. */
extern bool placement_binds;

/* Those that run: bit n the one of number n. */
uint32_t placement_online(void);
/* May it run on the processor of this number? */
bool placement_allows(const struct thread *thread, unsigned number);
/* It may run on those of `mask` (bit n: the one of number n), of which there is one. If it runs on
 * another now, it goes on elsewhere at its return work. */
void placement_bind(struct thread *thread, uint32_t mask) EXCLUDES(scheduler);

/* Groups may be traced from now on, or have other members: those of a traced one run on the first
 * processor, and nobody of them on another one when this returns. */
void placement_traced(void) EXCLUDES(scheduler);

bool placement_moves_on(void);
/* Has the running thread to go on on another processor? */
static inline bool placement_moves(void)
{
    return several_processors() && placement_binds && placement_moves_on();
}

/* A thread waits for a turn: have a processor come for it that idles, or runs what is less
 * urgent. */
void placement_offer(const struct thread *thread) REQUIRES(scheduler);
/* The running processor goes from one thread to another. */
void placement_switch(struct thread *previous, struct thread *next) REQUIRES(scheduler);
/* A timer's interrupt, or another processor's: begin to measure the slice if somebody waits, and be
 * interrupted again. */
void placement_look(uint64_t now) REQUIRES(scheduler);
/* It has return work: if it runs on another processor, that one is told. */
void placement_tell(struct thread *thread);

#endif
