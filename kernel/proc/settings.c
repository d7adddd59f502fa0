/* settings.c - the files of /proc/sys that can be written: a setting each.
 *
 * What is written is one line; what is read is shown by the table the file stands in. */
#include "arch/user.h"
#include "kernel/load.h"
#include "kernel/proc/proc.h"
#include "kernel/working_set.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/text.h"

#define LINE_MAX 64u

#define WINDOW_LONGEST 3600000u /* ms */

static int working_set_window_told(const char *text)
{
    uint64_t window;

    if (!text_number(text, &window) || window > WINDOW_LONGEST)
        return -EINVAL;
    working_set_change(window * 1000000);
    return 0;
}

static int load_control_told(const char *text)
{
    return load_choose(text) ? 0 : -EINVAL;
}

static int prepaging_told(const char *text)
{
    if ((*text != '0' && *text != '1') || text[1])
        return -EINVAL;
    load_prepages = *text == '1';
    return 0;
}

static const struct setting {
    const char *name; /* of the file */
    /* Told `text`, without blanks behind it. 0, or -errno. */
    int (*told)(const char *text);
} settings[] = {
    {"load_control", load_control_told},
    {"prepaging", prepaging_told},
    {"working_set_window", working_set_window_told},
};

static long setting_write(struct file *file, const void __user *buffer, size_t length,
                          uint64_t *position)
{
    const char *name = proc_node(file->inode)->file->name;
    char line[LINE_MAX];

    if (length >= LINE_MAX)
        return -EINVAL;
    if (copy_from_user(line, buffer, length))
        return -EFAULT;
    size_t end = length;
    while (end > 0 && (line[end - 1] == '\n' || line[end - 1] == ' '))
        end--;
    line[end] = 0;
    int error = -EINVAL;
    for (unsigned i = 0; i < ARRAY_SIZE(settings); i++)
        if (strcmp(settings[i].name, name) == 0)
            error = settings[i].told(line);
    if (error)
        return error;
    *position += length;
    return length;
}

const struct inode_operations proc_setting_operations = {
    .read = proc_text_read,
    .write = setting_write,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};
