/* tests/host/choice.c - decisions from a seed or from bytes.  See choice.h. */
#include "tests/host/choice.h"

static uint64_t choice_state = 1, dice_state = 2;
static const uint8_t *choice_next, *choice_end;
static bool choice_from_bytes;

uint64_t noise(uint64_t x) /* the finalizer of splitmix64 */
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

void choice_seed(uint64_t seed)
{
    choice_from_bytes = false;
    choice_state = noise(seed);
    dice_state = noise(seed + 1);
}

void choice_bytes(const uint8_t *bytes, size_t length)
{
    choice_from_bytes = true;
    choice_next = bytes;
    choice_end = bytes + length;
    dice_state = 1;
}

bool choice_exhausted(void)
{
    return choice_from_bytes && choice_next == choice_end;
}

static uint32_t draw(uint64_t *state, uint32_t n)
{
    *state += 0x9e3779b97f4a7c15ull;
    return (uint32_t)(((noise(*state) >> 32) * n) >> 32);
}

static uint32_t byte_take(void)
{
    return choice_next < choice_end ? *choice_next++ : 0;
}

uint32_t choose(uint32_t n)
{
    if (!choice_from_bytes)
        return draw(&choice_state, n);
    uint32_t value = byte_take();
    if (n > 256)
        value |= byte_take() << 8;
    return value % n;
}

uint32_t machine_dice(uint32_t n)
{
    return draw(&dice_state, n);
}
