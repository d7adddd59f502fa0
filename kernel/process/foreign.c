/* kernel/process/foreign.c - the memory of other processes: by way of a page of the
 * kernel's, since neither side's user memory can be touched while the other's is looked
 * at. */
#include "kernel/process/foreign.h"

#include "arch/user.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "mm/mm.h"

/* Within one page of the space. Bytes, not 0; or as foreign_copy. */
static long part_copy(struct space *space, uint64_t address, char __user *buffer,
                      size_t length, unsigned access, char *between)
{
    if (access & ACCESS_WRITE)
        length -= copy_from_user(between, buffer, length);
    if (length == 0)
        return -EFAULT;
    int error =
        address < USER_END ? space_copy(space, address, between, length, access) : -EFAULT;
    if (error)
        return error == -EFAULT ? -EIO : error;
    if (!(access & ACCESS_WRITE))
        length -= copy_to_user(buffer, between, length);
    return length ? (long)length : -EFAULT;
}

long foreign_copy(struct space *space, uint64_t address, char __user *buffer, size_t length,
                  unsigned access)
{
    size_t done = 0;
    long error = 0;
    char *between = heap_take(PAGE_SIZE);
    if (!between)
        return -ENOMEM;
    space_hold(space);
    while (done < length && !error) {
        size_t room = PAGE_SIZE - address % PAGE_SIZE;
        size_t part = length - done < room ? length - done : room;
        error = part_copy(space, address, buffer + done, part, access, between);
        if (error > 0) {
            address += error;
            done += error;
            thread_breathe();
            error = signal_fatal(current) ? -EINTR : 0;
        }
    }
    space_release(space);
    heap_give(between, PAGE_SIZE);
    return done ? (long)done : error;
}
