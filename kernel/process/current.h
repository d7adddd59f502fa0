/* kernel/process/current.h - the thread that runs here. */
#ifndef KERNEL_PROCESS_CURRENT_H
#define KERNEL_PROCESS_CURRENT_H

#include "arch/processor.h"

/* Never NULL once thread_init is done. */
#define current (this_processor->thread)

#endif
