/* kernel/procfs/oom.c - /proc/PID/oom_score_adj and oom_score: which process is ended when
 * memory is out, as far as a program may say, and how the kernel weighs it (blame.h). */
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
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

static long adjust_write(struct file *file, const void __user *buffer, size_t length,
                         uint64_t *position)
{
    struct process *process;
    int adjust;
    long taken = proc_number_fetch(buffer, length, 0, &adjust);

    if (taken < 0)
        return taken;
    if (adjust < -OOM_ADJUST_MOST || adjust > OOM_ADJUST_MOST)
        return -EINVAL;
    int error = proc_process(file->inode, &process);
    if (error)
        return error;
    process_set_oom_adjust(process, (int16_t)adjust);
    *position += taken;
    return taken;
}

const struct inode_operations proc_oom_adjust_operations = {
    .read = proc_text_read,
    .write = adjust_write,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};
