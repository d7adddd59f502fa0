/* lib/print.c - text from values.
 *
 * One conversion is read into a struct conversion, its value turned into digits or found
 * as a string, and the result padded into the buffer. Everything past the buffer's end is
 * counted and dropped, so that a caller learns how long the text would have been. */
#include "lib/print.h"
#include "lib/string.h"

struct output {
    char *buffer;
    size_t size, length;
};

struct conversion {
    bool left, zero, plus, space, prefix;
    int width, precision; /* precision -1: none given */
    int longs;            /* -2 hh, -1 h, 0 int, 1 l z t j, 2 ll */
    char letter;
};

static void put(struct output *out, char character)
{
    if (out->length + 1 < out->size)
        out->buffer[out->length] = character;
    out->length++;
}

static void put_repeated(struct output *out, char character, int count)
{
    for (; count > 0; count--)
        put(out, character);
}

static void put_text(struct output *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        put(out, text[i]);
}

/* Digits, or * for the next argument. */
static int read_number(const char **fmt, va_list *arguments)
{
    int number = 0;
    if (**fmt == '*') {
        ++*fmt;
        return va_arg(*arguments, int);
    }
    while (**fmt >= '0' && **fmt <= '9')
        number = number * 10 + (*(*fmt)++ - '0');
    return number;
}

static void read_flags(const char **fmt, struct conversion *c)
{
    for (;; ++*fmt) {
        if (**fmt == '-')
            c->left = true;
        else if (**fmt == '0')
            c->zero = true;
        else if (**fmt == '+')
            c->plus = true;
        else if (**fmt == ' ')
            c->space = true;
        else if (**fmt == '#')
            c->prefix = true;
        else
            return;
    }
}

static void read_length(const char **fmt, struct conversion *c)
{
    for (;; ++*fmt) {
        if (**fmt == 'l')
            c->longs++;
        else if (**fmt == 'h')
            c->longs--;
        else if (**fmt == 'z' || **fmt == 't' || **fmt == 'j')
            c->longs = 1;
        else
            return;
    }
}

/* *fmt stands behind the %, and is left behind the letter. */
static struct conversion read_conversion(const char **fmt, va_list *arguments)
{
    struct conversion c = {.precision = -1};
    read_flags(fmt, &c);
    c.width = read_number(fmt, arguments);
    if (c.width < 0) {
        c.left = true;
        c.width = -c.width;
    }
    if (**fmt == '.') {
        ++*fmt;
        c.precision = read_number(fmt, arguments);
    }
    read_length(fmt, &c);
    c.letter = **fmt;
    if (c.letter)
        ++*fmt;
    return c;
}

static uint64_t read_unsigned(const struct conversion *c, va_list *arguments)
{
    if (c->longs > 0)
        return va_arg(*arguments, uint64_t);
    unsigned value = va_arg(*arguments, unsigned);
    if (c->longs == -1)
        return (uint16_t)value;
    return c->longs < -1 ? (uint8_t)value : value;
}

static int64_t read_signed(const struct conversion *c, va_list *arguments)
{
    if (c->longs > 0)
        return va_arg(*arguments, int64_t);
    int value = va_arg(*arguments, int);
    if (c->longs == -1)
        return (int16_t)value;
    return c->longs < -1 ? (int8_t)value : value;
}

static void put_padded(struct output *out, const struct conversion *c, const char *text,
                       size_t length)
{
    int padding = c->width - (int)length;
    if (!c->left)
        put_repeated(out, ' ', padding);
    put_text(out, text, length);
    if (c->left)
        put_repeated(out, ' ', padding);
}

static void put_string(struct output *out, const struct conversion *c, const char *text)
{
    if (!text)
        text = "(null)";
    put_padded(out, c, text,
               c->precision < 0 ? strlen(text) : strnlen(text, (size_t)c->precision));
}

/* A number's digits with its sign or prefix, padded. */
static void put_number(struct output *out, const struct conversion *c, const char *sign,
                       uint64_t value, unsigned base)
{
    const char *digits = c->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[24] = {0};
    int count = 0;
    for (; value; value /= base)
        text[sizeof(text) - (size_t)++count] = digits[value % base];
    if (!count && c->precision != 0)
        text[sizeof(text) - (size_t)++count] = '0';

    int zeroes = c->precision - count;
    if (c->zero && !c->left && c->precision < 0)
        zeroes = c->width - (int)strlen(sign) - count;
    if (zeroes < 0)
        zeroes = 0;
    int padding = c->width - (int)strlen(sign) - zeroes - count;
    if (!c->left)
        put_repeated(out, ' ', padding);
    put_text(out, sign, strlen(sign));
    put_repeated(out, '0', zeroes);
    put_text(out, text + sizeof(text) - count, (size_t)count);
    if (c->left)
        put_repeated(out, ' ', padding);
}

static void put_signed(struct output *out, const struct conversion *c, int64_t value)
{
    const char *sign = c->plus ? "+" : c->space ? " " : "";
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        sign = "-";
        magnitude = -magnitude;
    }
    put_number(out, c, sign, magnitude, 10);
}

static void put_hexadecimal(struct output *out, const struct conversion *c, uint64_t value)
{
    put_number(out, c, c->prefix && value ? "0x" : "", value, 16);
}

static void put_conversion(struct output *out, const struct conversion *c,
                           va_list *arguments)
{
    switch (c->letter) {
    case 'd':
    case 'i':
        put_signed(out, c, read_signed(c, arguments));
        break;
    case 'u':
        put_number(out, c, "", read_unsigned(c, arguments), 10);
        break;
    case 'o':
        put_number(out, c, "", read_unsigned(c, arguments), 8);
        break;
    case 'x':
    case 'X':
        put_hexadecimal(out, c, read_unsigned(c, arguments));
        break;
    case 'p':
        put_number(out, c, "0x", (uintptr_t)va_arg(*arguments, void *), 16);
        break;
    case 'c':
        put_padded(out, c, (char[]){(char)va_arg(*arguments, int)}, 1);
        break;
    case 's':
        put_string(out, c, va_arg(*arguments, const char *));
        break;
    default: /* %% and whatever is not known: the letter itself */
        put(out, c->letter ? c->letter : '%');
    }
}

int format_list(char *buffer, size_t size, const char *fmt, va_list arguments)
{
    struct output out = {buffer, size, 0};
    va_list rest;
    va_copy(rest, arguments); /* an array type on x86-64: only a copy can be pointed to */
    while (*fmt) {
        if (*fmt != '%') {
            put(&out, *fmt++);
            continue;
        }
        fmt++;
        struct conversion c = read_conversion(&fmt, &rest);
        put_conversion(&out, &c, &rest);
    }
    va_end(rest);
    if (size)
        buffer[out.length < size ? out.length : size - 1] = 0;
    return (int)out.length;
}

int format(char *buffer, size_t size, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    int length = format_list(buffer, size, fmt, arguments);
    va_end(arguments);
    return length;
}
