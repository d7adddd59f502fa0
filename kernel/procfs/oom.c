/* kernel/procfs/oom.c - /proc/PID/oom_score_adj and oom_score: which process is ended when
 * memory is out, as far as a program may say, and how the kernel weighs it (blame.h). */
#include "arch/user.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
#include "lib/text.h"
#include "mm/mm.h"

int proc_oom_score(struct proc_text *text, struct process *process)
{
    proc_print(text, "%u\n", process->space ? blame_score(process->space) : 0);
    return 0;
}

int proc_oom_adjust(struct proc_text *text, struct process *process)
{
    proc_print(text, "%d\n", process_oom_adjust(process));
    return 0;
}

/* A whole number, perhaps below 0, and a newline. 0; -EINVAL, -ERANGE: no int holds it. */
static int adjust_told(char *text, size_t length, int *adjust)
{
    uint64_t number;
    bool below = *text == '-';

    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    text[length] = 0;
    if (!text_number(text + below, &number))
        return -EINVAL;
    if (number > (uint64_t)INT32_MAX + below)
        return -ERANGE;
    if (number > OOM_ADJUST_MOST)
        return -EINVAL;
    *adjust = below ? -(int)number : (int)number;
    return 0;
}

static long adjust_write(struct file *file, const void __user *buffer, size_t length,
                         uint64_t *position)
{
    struct process *process;
    char text[13] = "";
    int adjust;
    size_t looked =
        length < sizeof(text) ? length : sizeof(text) - 1; /* as far as an int goes */

    if (copy_from_user(text, buffer, looked))
        return -EFAULT;
    int error = adjust_told(text, looked, &adjust);
    if (error)
        return error;
    error = proc_process(file->inode, &process);
    if (error)
        return error;
    if (!process->space)
        return -ESRCH;
    process_set_oom_adjust(process, (int16_t)adjust);
    *position += length;
    return length;
}

const struct inode_operations proc_oom_adjust_operations = {
    .read = proc_text_read,
    .write = adjust_write,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};
