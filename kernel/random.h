/* kernel/random.h - numbers that look random and are the same in every run. */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include "arch/types.h"

/* Fill memory from the one generator that getrandom, AT_RANDOM and /dev/urandom share. */
void random_fill(void *memory, size_t length);

#endif
