/* processor.h - where a thread runs. Whoever includes it defines _GNU_SOURCE before. */
#ifndef USER_LIB_PROCESSOR_H
#define USER_LIB_PROCESSOR_H

#include <sched.h>
#include <stdbool.h>

/* This thread, and who it starts from now on, runs on that processor alone. False: it may not. */
static inline bool run_on(int processor)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    return sched_setaffinity(0, sizeof(one), &one) == 0;
}

#endif
