/* kernel/report/log.c - what the kernel has to say. */
#include "kernel/report/log.h"
#include "arch/cpu.h"
#include "lib/panic.h"
#include "lib/print.h"

#define LINE_SIZE 256

/* Names in it are programs' and files': a terminal is not to obey them. */
static void letters_check(char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (line[i] < ' ' || line[i] > '~')
            line[i] = '?';
}

void log_line_list(const char *fmt, va_list arguments)
{
    char line[LINE_SIZE];
    size_t length = (size_t)format(line, sizeof(line), "faultline: ");
    length += (size_t)format_list(line + length, sizeof(line) - length, fmt, arguments);
    if (length > sizeof(line) - 1)
        length = sizeof(line) - 1;
    letters_check(line, length);
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

void refuse(const char *fmt, ...)
{
    char why[LINE_SIZE];
    va_list arguments;
    va_start(arguments, fmt);
    format_list(why, sizeof(why), fmt, arguments);
    va_end(arguments);
    log_line("%s; stopped", why);
    machine_off(MACHINE_REFUSED);
}
