/* tools/labbing/host/shootdown.h - what several.c wants of the two files in shootdown.c. */
#ifndef LABBING_SHOOTDOWN_H
#define LABBING_SHOOTDOWN_H

#include "arch/processor.h"

/* As at the beginning: the first processor has the kernel's lock, and the last request had that
 * number. */
void shootdown_reset(uint64_t number);
/* Write down a request, of which `given` addresses are told. */
void shootdown_request(uint64_t number, unsigned count, const uint64_t *addresses,
                       unsigned given);
/* The last one's number. `more`: how many addresses; or, of place > 0, the address there, counted
 * from 1. */
uint64_t shootdown_last(unsigned place, uint64_t *more);
/* The processor is about to use user memory, in that mode. */
void shootdown_use(struct processor *self, uint32_t mode);

#endif
