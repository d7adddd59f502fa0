/* kernel/linux/foreign.c - process_vm_readv, process_vm_writev: memory from one process
 * to another, from pieces to pieces. */
#include "kernel/process/foreign.h"

#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "mm/mm.h"

/* Where in its pieces a transfer is. */
struct cursor {
    struct pieces pieces;
    unsigned index;
    uint64_t done; /* of that piece */
};

/* The rest of the piece where the cursor is; length 0: there are no more. */
static struct linux_iovec rest(struct cursor *cursor)
{
    const struct pieces *pieces = &cursor->pieces;
    while (cursor->index < pieces->count &&
           cursor->done == piece_at(pieces, cursor->index)->length) {
        cursor->index++;
        cursor->done = 0;
    }
    if (cursor->index == pieces->count)
        return (struct linux_iovec){0, 0};
    const struct linux_iovec *piece = piece_at(pieces, cursor->index);
    return (struct linux_iovec){piece->base + cursor->done, piece->length - cursor->done};
}

static long pieces_copy(struct space *space, struct cursor *here, struct cursor *there,
                        unsigned access)
{
    long done = 0;
    for (;;) {
        struct linux_iovec to = rest(here), from = rest(there);
        uint64_t length = to.length < from.length ? to.length : from.length;
        if (length == 0)
            return done;
        long part = foreign_copy(space, from.base, (char __user *)to.base, length, access);
        if (part < 0)
            return done ? done : part == -EIO ? -EFAULT : part;
        done += part;
        if ((uint64_t)part < length)
            return done;
        here->done += length;
        there->done += length;
    }
}

static long process_copy(int pid, struct cursor *here, struct cursor *there,
                         unsigned access)
{
    if (there->pieces.total == 0)
        return 0; /* whoever it may be */
    const struct process *process = process_of(pid);
    if (!process || !process->space)
        return -ESRCH;
    struct space *space = process->space; /* copies sleep */
    space_hold(space);
    long done = pieces_copy(space, here, there, access);
    space_release(space);
    return done;
}

static long foreign_call(int pid, const uint64_t vector[2], const uint64_t count[2],
                         uint64_t flags, unsigned access)
{
    struct cursor here = {.index = 0}, there = {.index = 0};
    if (flags)
        return -EINVAL;
    long result = pieces_take(&here.pieces, vector[0], count[0]);
    if (result)
        return result;
    if (here.pieces.total)
        result = pieces_take_foreign(&there.pieces, vector[1], count[1]);
    if (!result && here.pieces.total) {
        result = process_copy(pid, &here, &there, access);
        pieces_give(&there.pieces);
    }
    pieces_give(&here.pieces);
    return result;
}

SYSCALL(process_vm_readv, int pid, uint64_t own, uint32_t own_count, uint64_t theirs,
        uint64_t theirs_count, uint64_t flags)
{
    return foreign_call(pid, (uint64_t[]){own, theirs},
                        (uint64_t[]){own_count, theirs_count}, flags, ACCESS_READ);
}

SYSCALL(process_vm_writev, int pid, uint64_t own, uint32_t own_count, uint64_t theirs,
        uint64_t theirs_count, uint64_t flags)
{
    return foreign_call(pid, (uint64_t[]){own, theirs},
                        (uint64_t[]){own_count, theirs_count}, flags, ACCESS_WRITE);
}
