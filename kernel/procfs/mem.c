/* kernel/procfs/mem.c - /proc/PID/mem: a process's memory as a file, an address being a position.
 *
 * A debugger's door: what the program itself may not do there is done all the same, as far as
 * nobody else would see it (ACCESS_FORCED). An open file stays with the space that it was opened
 * on; after the process's exec or end there is nothing in it. */
#include "kernel/process/foreign.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"

static int mem_open(struct file *file)
{
    struct process *process;
    int error = proc_memory_open(file);

    if (!error && proc_process(file->inode, &process) == 0)
        file->data = (void *)(uintptr_t)process->space->id;
    return error;
}

static long mem_copy_part(struct file *file, char __user *buffer, size_t length,
                          uint64_t position, unsigned access)
{
    struct process *process;

    if (proc_process(file->inode, &process) || !process->space ||
        process->space->id != (uintptr_t)file->data)
        return 0;
    return foreign_copy(process->space, position, buffer, length, access | ACCESS_FORCED);
}

/* Up to where memory ends; but if it is the buffer that does, it is an error, whatever
 * was copied. */
static long mem_copy(struct file *file, char __user *buffer, size_t length,
                     uint64_t *position, unsigned access)
{
    size_t done = 0;

    while (done < length) {
        long part = mem_copy_part(file, buffer + done, length - done, *position, access);
        if (part == -EFAULT || part == 0 || (part < 0 && !done))
            return part ? part : (long)done;
        if (part < 0)
            break;
        done += part;
        *position += part;
    }
    return done;
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
    .seek = SEEK_ADDRESS,
    .open = mem_open,
    .read = mem_read,
    .write = mem_write,
    .destroy = proc_inode_destroy,
};
