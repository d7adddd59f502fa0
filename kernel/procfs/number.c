/* kernel/procfs/number.c - numbers that are written to files of /proc, as Linux reads them: one of
 * a process's takes a number and nothing else; a setting (/proc/sys) the first one of a line. */
#include "arch/user.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
#include "lib/text.h"

#define SETTING_LONGEST 20 /* characters: more could be more than one number */

static const char *blanks_skip(const char *text)
{
    while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        text++;
    return text;
}

/* -EINVAL: it is no number; -ERANGE: one that no int holds. */
static int number_alone(const char *text, unsigned base, int *number)
{
    uint64_t value;
    bool fits;

    text = blanks_skip(text);
    bool below = *text == '-';
    text += below || *text == '+';
    size_t length = text_digits(text, base, &value, &fits);
    if (length && !fits)
        return -ERANGE;
    if (!length || *blanks_skip(text + length))
        return -EINVAL;
    if (value > (uint64_t)INT32_MAX + below)
        return -ERANGE;
    *number = (int)(below ? -value : value);
    return 0;
}

long proc_number_fetch(const void __user *buffer, size_t length, unsigned base, int *number)
{
    char text[13] = ""; /* as far as an int goes */

    if (length >= sizeof(text))
        length = sizeof(text) - 1;
    if (copy_from_user(text, buffer, length))
        return -EFAULT;
    int error = number_alone(text, base, number);
    return error ? error : (long)length;
}

long proc_number_first(const char *line, size_t length, struct proc_number *number)
{
    const char *at = blanks_skip(line);
    bool fits;

    number->below = *at == '-';
    at += number->below;
    size_t digits = text_digits(at, 0, &number->value, &fits);
    if (!fits)
        number->value = UINT64_MAX;
    if (!digits || number->below + digits > SETTING_LONGEST)
        return -EINVAL;
    at += digits;
    const char *next = blanks_skip(at);
    return next == at && at < line + length ? -EINVAL : next - line;
}
