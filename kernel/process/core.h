/* kernel/process/core.h - what a process leaves that ends by its own fault: its core. */
#ifndef KERNEL_PROCESS_CORE_H
#define KERNEL_PROCESS_CORE_H

#include "lib/locks.h"

/* The current process ends by this signal, and leaves a core if it may: its other threads stay as
 * they are meanwhile, and its status says so. It is to end then. */
void core_write(int signal) SLEEPS;

#endif
