/* kernel/thrashing/load_control.h - who has to wait outside, and for how long. */
#ifndef KERNEL_THRASHING_LOAD_CONTROL_H
#define KERNEL_THRASHING_LOAD_CONTROL_H

#include "kernel/thrashing/thrashing.h"
#include "lib/locks.h"

/* A period has ended: suspend, resume or exchange processes, as the criterion that is chosen
 * says. Sleeps. */
void load_control(const struct load_sample *sample) SLEEPS;

#endif
