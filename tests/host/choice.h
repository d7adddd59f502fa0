/* tests/host/choice.h - where a random test's decisions come from.
 *
 * Two sources: a generator with a seed (the same seed makes the same run, for ever), or the
 * bytes that libFuzzer mutates. A test only says choose(n); a second, private generator
 * serves the machine (TLB replacement, order of the device), so that its decisions do not
 * eat the fuzzer's bytes. */
#ifndef HOST_CHOICE_H
#define HOST_CHOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void choice_seed(uint64_t seed);
/* From now on decisions are read from `bytes`, until they are used up. */
void choice_bytes(const uint8_t *bytes, size_t length);
bool choice_exhausted(void);

/* A number from 0 to n - 1; n at least 1. */
uint32_t choose(uint32_t n);
static inline bool choose_one_in(uint32_t n)
{
    return choose(n) == 0;
}

/* The machine's own dice. */
uint32_t machine_dice(uint32_t n);

/* A bijection of 64-bit numbers that looks like noise: contents nobody writes by chance. */
uint64_t noise(uint64_t x);

#endif
