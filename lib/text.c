/* lib/text.c - strings, beyond what the C library has. */
#include "lib/text.h"
#include "lib/string.h"

void text_copy(char *buffer, const char *text, size_t size)
{
    if (!size)
        return;
    size_t length = strnlen(text, size - 1);
    memcpy(buffer, text, length);
    buffer[length] = 0;
}

/* The value of a digit in `base`; -1 for any other character. */
static int digit_value(char digit, unsigned base)
{
    int value = -1;
    if (digit >= '0' && digit <= '9')
        value = digit - '0';
    else if (digit >= 'a' && digit <= 'f')
        value = digit - 'a' + 10;
    else if (digit >= 'A' && digit <= 'F')
        value = digit - 'A' + 10;
    return value < (int)base ? value : -1;
}

static bool is_hexadecimal(const char *text)
{
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
           digit_value(text[2], 16) >= 0;
}

size_t text_digits(const char *text, unsigned base, uint64_t *number, bool *fits)
{
    size_t length = is_hexadecimal(text) && base != 10 ? 2 : 0;
    if (base == 0)
        base = length ? 16 : text[0] == '0' ? 8 : 10;
    *number = 0;
    *fits = true;
    for (int digit = digit_value(text[length], base); digit >= 0;
         digit = digit_value(text[++length], base))
        if (__builtin_mul_overflow(*number, base, number) ||
            __builtin_add_overflow(*number, (unsigned)digit, number))
            *fits = false;
    return length;
}

bool text_number(const char *text, uint64_t *number)
{
    uint64_t value;
    bool fits;
    size_t length = text_digits(text, is_hexadecimal(text) ? 16 : 10, &value, &fits);
    if (!length || text[length] || !fits)
        return false;
    *number = value;
    return true;
}
