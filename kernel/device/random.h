/* kernel/device/random.h - numbers that look random and are the same in every run. */
#ifndef KERNEL_DEVICE_RANDOM_H
#define KERNEL_DEVICE_RANDOM_H

#include "arch/types.h"

/* Fill memory from the one generator that getrandom, AT_RANDOM and /dev/urandom share. */
void random_fill(void *memory, size_t length);

/* The next of the numbers that follow from the seed *from, which moves on. */
uint64_t random_next(uint64_t *from);

#endif
