/* kernel/log.h - what the kernel has to say, on the serial line and the screen. */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include <stdarg.h>

/* One line, "faultline: " before it and a newline after; cut at 255 characters. Never
 * sleeps; callable from interrupts. */
void log_line(const char *format, ...) __attribute__((__format__(printf, 1, 2)));
void log_line_list(const char *format, va_list arguments)
    __attribute__((__format__(printf, 1, 0)));

#endif
