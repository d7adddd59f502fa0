/* kernel/report/log.h - what the kernel has to say, on the serial line and the screen.
 *
 * The room report/ has all by which the kernel tells of itself: this log, the trace, the lines
 * for those that watch a process's faults, and the last words before it stops. */
#ifndef KERNEL_REPORT_LOG_H
#define KERNEL_REPORT_LOG_H

#include <stdarg.h>

/* One line, "faultline: " before it and a newline after; cut at 255 characters. Never
 * sleeps; callable from interrupts. */
void log_line(const char *format, ...) __attribute__((__format__(printf, 1, 2)));
void log_line_list(const char *format, va_list arguments)
    __attribute__((__format__(printf, 1, 0)));

#endif
