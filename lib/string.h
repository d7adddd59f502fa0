/* lib/string.h - memory and strings, with the C library's names and meanings. */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "arch/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int byte, size_t length);
int memcmp(const void *a, const void *b, size_t length);
void *memchr(const void *memory, int byte, size_t length);

size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
char *strstr(const char *text, const char *part);

/* Copy `text` into a buffer of `size` bytes, cut to fit, always with its NUL. */
void string_copy(char *buffer, const char *text, size_t size);
/* Read an unsigned number, decimal or 0x…; false, leaving *number alone, unless all of
 * `text` is one and it fits. */
bool string_number(const char *text, uint64_t *number);

#endif
