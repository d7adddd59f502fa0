/* lib/string.c - memory and strings.
 *
 * Bulk work is done by the processor's string instructions, eight bytes at a time: under
 * QEMU's instruction counting an iteration counts as one instruction, so a page costs 512
 * whichever way it is moved, and no loop around it. */
#include "lib/string.h"

static void copy_forward(void *to, const void *from, size_t length)
{
    size_t words = length / 8, bytes = length % 8;
    __asm__ volatile("rep movsq\n\t"
                     "mov %[bytes], %%rcx\n\t"
                     "rep movsb"
                     : "+D"(to), "+S"(from), "+c"(words)
                     : [bytes] "r"(bytes)
                     : "memory");
}

static void copy_backward(void *to, const void *from, size_t length)
{
    void *to_last = (char *)to + length - 1;
    const void *from_last = (const char *)from + length - 1;
    __asm__ volatile("std\n\t"
                     "rep movsb\n\t"
                     "cld"
                     : "+D"(to_last), "+S"(from_last), "+c"(length)
                     :
                     : "memory");
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
    copy_forward(to, from, length);
    return to;
}

void *memmove(void *to, const void *from, size_t length)
{
    /* Forward is right unless `to` lies inside the source, after its start. */
    if ((uintptr_t)to - (uintptr_t)from >= length)
        copy_forward(to, from, length);
    else
        copy_backward(to, from, length);
    return to;
}

void *memset(void *to, int byte, size_t length)
{
    uint64_t pattern = (uint8_t)byte * 0x0101010101010101ul;
    void *next = to;
    size_t words = length / 8, bytes = length % 8;
    __asm__ volatile("rep stosq\n\t"
                     "mov %[bytes], %%rcx\n\t"
                     "rep stosb"
                     : "+D"(next), "+c"(words)
                     : "a"(pattern), [bytes] "r"(bytes)
                     : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
    const uint8_t *left = a, *right = b;
    for (size_t i = 0; i < length; i++)
        if (left[i] != right[i])
            return left[i] - right[i];
    return 0;
}

void *memchr(const void *memory, int byte, size_t length)
{
    const uint8_t *bytes = memory;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == (uint8_t)byte)
            return (void *)(bytes + i);
    return NULL;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end)
        end++;
    return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length])
        length++;
    return length;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (uint8_t)*a - (uint8_t)*b;
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (; limit; limit--, a++, b++)
        if (!*a || *a != *b)
            return (uint8_t)*a - (uint8_t)*b;
    return 0;
}

char *strchr(const char *text, int character)
{
    for (;; text++) {
        if (*text == (char)character)
            return (char *)text;
        if (!*text)
            return NULL;
    }
}

char *strrchr(const char *text, int character)
{
    const char *found = NULL;
    for (;; text++) {
        if (*text == (char)character)
            found = text;
        if (!*text)
            return (char *)found;
    }
}
