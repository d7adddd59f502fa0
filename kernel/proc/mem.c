/* mem.c - /proc/PID/mem: a process's memory as a file, an address being a position.
 *
 * A debugger's door: what the program itself may not do there is done all the same, as far as
 * nobody else would see it (ACCESS_FORCED). An open file stays with the space that it was opened
 * on; after the process's exec or end there is nothing in it. */
#include "kernel/foreign.h"
#include "kernel/proc/proc.h"
#include "lib/errno.h"

static int mem_open(struct file *file)
{
    struct process *process;
    int error = proc_process(file->inode, &process);

    if (!error && process->space)
        file->data = (void *)(uintptr_t)process->space->id;
    return error;
}

static long mem_copy(struct file *file, char __user *buffer, size_t length,
                     uint64_t *position, unsigned access)
{
    struct process *process;

    if (proc_process(file->inode, &process) || !process->space ||
        process->space->id != (uintptr_t)file->data)
        return 0;
    long done =
        foreign_copy(process->space, *position, buffer, length, access | ACCESS_FORCED);
    if (done > 0)
        *position += done;
    return done == -EFAULT ? -EIO : done;
}

static long mem_read(struct file *file, void __user *buffer, size_t length,
                     uint64_t *position)
{
    return mem_copy(file, buffer, length, position, ACCESS_READ);
}

static long mem_write(struct file *file, const void __user *buffer, size_t length,
                      uint64_t *position)
{
    return mem_copy(file, (char __user *)buffer, length, position, ACCESS_WRITE);
}

const struct inode_operations proc_mem_operations = {
    .open = mem_open,
    .read = mem_read,
    .write = mem_write,
    .destroy = proc_inode_destroy,
};
