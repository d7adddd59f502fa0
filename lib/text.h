/* lib/text.h - strings, beyond what the C library has. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include "arch/types.h"

/* Copy `text` into a buffer of `size` bytes, cut to fit, always with its NUL. */
void text_copy(char *buffer, const char *text, size_t size);
/* Read an unsigned number, decimal or 0x…; false, leaving *number alone, unless all of
 * `text` is one and it fits. */
bool text_number(const char *text, uint64_t *number);

#endif
