/* lib/text.h - strings, beyond what the C library has. */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include "arch/types.h"

/* Copy `text` into a buffer of `size` bytes, cut to fit, always with its NUL. */
void text_copy(char *buffer, const char *text, size_t size);
/* The digits that `text` begins with, in base 10 or 16 (which 0x may stand before), or 0: as C has
 * it, 0x… and 0… are of base 16 and 8. How many characters; *fits: they are no more than a number
 * can hold. */
size_t text_digits(const char *text, unsigned base, uint64_t *number, bool *fits);
/* Read an unsigned number, decimal or 0x…; false, leaving *number alone, unless all of
 * `text` is one and it fits. */
bool text_number(const char *text, uint64_t *number);

#endif
