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

bool text_number(const char *text, uint64_t *number)
{
    unsigned base = 10;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    if (!*text)
        return false;
    uint64_t value = 0;
    for (; *text; text++) {
        int digit = digit_value(*text, base);
        if (digit < 0 || value > (UINT64_MAX - (unsigned)digit) / base)
            return false;
        value = value * base + (unsigned)digit;
    }
    *number = value;
    return true;
}
