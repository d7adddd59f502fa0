/* lib/print.h - text from values, as snprintf makes it.
 *
 * Understood: %d %i %u %x %X %o %c %s %p %%, the lengths hh h l ll z t j, the flags - 0 + and
 * space and # (with x), width and precision (numbers or *). No floating point. */
#ifndef LIB_PRINT_H
#define LIB_PRINT_H

#include "arch/types.h"
#include <stdarg.h>

/* Write at most size - 1 characters and a NUL (nothing if size is 0). Return the length
 * the whole text has, as snprintf does: at least `size` means it was cut. */
int format(char *buffer, size_t size, const char *fmt, ...)
    __attribute__((__format__(printf, 3, 4)));
int format_list(char *buffer, size_t size, const char *fmt, va_list arguments)
    __attribute__((__format__(printf, 3, 0)));

#endif
