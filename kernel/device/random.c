/* kernel/device/random.c - a generator without entropy, on purpose.
 *
 * Under test the same input must give the same run, bit for bit, so nothing here comes from
 * the machine: splitmix64 (Steele, Lea, Flood 2014) from a fixed seed. Good enough for hash
 * seeds and shuffles; no secret may depend on it. */
#include "kernel/device/random.h"

#include "lib/string.h"

static uint64_t state = 0x466175206c746c69ull;

uint64_t random_next(uint64_t *from)
{
    uint64_t z = (*from += 0x9e3779b97f4a7c15ull);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

void random_fill(void *memory, size_t length)
{
    uint8_t *to = memory;
    while (length > 0) {
        uint64_t word = random_next(&state);
        size_t part = length < sizeof(word) ? length : sizeof(word);
        memcpy(to, &word, part);
        to += part;
        length -= part;
    }
}
