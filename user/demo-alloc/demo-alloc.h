/* demo-alloc.h - the scenes of demo-alloc. With `csv` each prints its numbers only. */
#ifndef USER_DEMO_ALLOC_DEMO_ALLOC_H
#define USER_DEMO_ALLOC_DEMO_ALLOC_H

#include <stdbool.h>

/* The same three processes under each scheme: what each gets, and what faults that costs. */
void schemes_show(bool csv);
/* The fault frequency over time, its bounds, and what the allocator does about it. */
void fault_frequency_show(void);
/* A greedy process beside a modest one, under global and under local replacement. */
void replacement_show(bool csv);

/* Say what could not be done, and end. */
_Noreturn void fail(const char *what);

#endif
