/* kernel/report/log.c - what the kernel has to say. */
#include "kernel/report/log.h"
#include "arch/cpu.h"
#include "lib/print.h"

#define LINE_SIZE 256

void log_line_list(const char *fmt, va_list arguments)
{
    char line[LINE_SIZE];
    size_t length = (size_t)format(line, sizeof(line), "faultline: ");
    length += (size_t)format_list(line + length, sizeof(line) - length, fmt, arguments);
    if (length > sizeof(line) - 1)
        length = sizeof(line) - 1;
    line[length] = '\n'; /* over the NUL */
    serial_write(line, length + 1);
    vga_write(line, length + 1);
}

void log_line(const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    log_line_list(fmt, arguments);
    va_end(arguments);
}

void log_refuse(const char *fmt, ...)
{
    char why[LINE_SIZE];
    va_list arguments;
    va_start(arguments, fmt);
    format_list(why, sizeof(why), fmt, arguments);
    va_end(arguments);
    log_line("%s; stopped", why);
    machine_off(MACHINE_REFUSED);
}
