/* kernel/linux/advice.c - the calls that say or ask something about memory that is there: madvise,
 * mincore, msync. */
#include "arch/user.h"
#include "kernel/file/file.h"
#include "kernel/file/regular.h"
#include "kernel/linux/syscall.h"
#include "kernel/process/process.h"
#include "mm/mm.h"

enum advice {
    MADV_NORMAL = 0,
    MADV_RANDOM = 1,
    MADV_SEQUENTIAL = 2,
    MADV_WILLNEED = 3,
    MADV_DONTNEED = 4,
    MADV_FREE = 8,
    MADV_REMOVE = 9,
    MADV_DONTFORK = 10,
    MADV_DOFORK = 11,
    MADV_HUGEPAGE = 14,
    MADV_NOHUGEPAGE = 15,
    MADV_DONTDUMP = 16,
    MADV_DODUMP = 17,
    MADV_WIPEONFORK = 18,
    MADV_KEEPONFORK = 19,
    MADV_COLD = 20,
    MADV_PAGEOUT = 21,
    MADV_POPULATE_READ = 22,
    MADV_POPULATE_WRITE = 23,
    MADV_DONTNEED_LOCKED = 24,
};

static bool range_ok(uint64_t start, uint64_t length)
{
    return start % PAGE_SIZE == 0 && length <= USER_END &&
           user_range_ok(start, PAGE_ROUND_UP(length));
}

/* Every page of the range is promised: 0, else -ENOMEM. */
static long range_promised(uint64_t start, uint64_t length)
{
    uint64_t end = start + PAGE_ROUND_UP(length);
    struct region_view region;
    for (; start < end; start = region.end)
        if (!view_region(process_current()->space, start, &region))
            return -ENOMEM;
    return 0;
}

/* A hole in an object, a file's or nobody's. Another thread may unmap it meanwhile. */
static long object_punch_held(struct object *object, uint64_t start, uint64_t end)
{
    struct inode *inode = (struct inode *)object->owner;
    object_hold(object);
    if (inode)
        inode_hold(inode);
    long error =
        inode ? regular_punch(inode, start, end) : object_punch(object, start, end);
    if (inode)
        inode_release(inode);
    object_release(object);
    return error;
}

/* MADV_REMOVE: holes in the objects that are mapped there. Where nothing is mapped is passed. */
static long range_punch(struct space *space, uint64_t start, uint64_t length)
{
    long error = 0, promised = 0;
    for (uint64_t end = start + length; start < end && !error;) {
        struct region_view region;
        if (!view_region_above(space, start, &region) || region.start >= end)
            return -ENOMEM;
        if (region.start > start) {
            promised = -ENOMEM;
            start = region.start;
        }
        if (region.wired || !region.object)
            return -EINVAL;
        if (!region.shared || !(region.access_max & ACCESS_WRITE))
            return -EACCES;
        uint64_t stop = region.end < end ? region.end : end;
        uint64_t from = ((uint64_t)region.index << PAGE_SHIFT) + (start - region.start);
        error = object_punch_held(region.object, from, from + (stop - start));
        start = stop;
    }
    return error ? error : promised;
}

/* Advice that exists, but changes nothing here. */
static bool advice_is_vain(uint32_t advice)
{
    switch (advice) {
    case MADV_NORMAL: /* one page a fault, whatever the order */
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_COLD: /* the policy knows better */
    case MADV_PAGEOUT:
        return true;
    default:
        return false;
    }
}

static long advise(struct space *space, uint64_t start, uint64_t length, uint32_t advice)
{
    switch (advice) {
    case MADV_WILLNEED:
        return space_advise_need(space, start, length);
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
        return space_discard(space, start, length, advice == MADV_DONTNEED_LOCKED);
    case MADV_FREE:
        return space_advise_free(space, start, length);
    case MADV_REMOVE:
        return range_punch(space, start, length);
    case MADV_DONTFORK:
        return space_advise_regions(space, start, length, FORK_LEAVE_OUT);
    case MADV_DOFORK:
        return space_advise_regions(space, start, length, FORK_COPY);
    case MADV_WIPEONFORK:
        return space_advise_regions(space, start, length, FORK_WIPE);
    case MADV_KEEPONFORK:
        return space_advise_regions(space, start, length, FORK_KEEP);
    case MADV_DONTDUMP:
    case MADV_DODUMP:
        return space_advise_regions(space, start, length,
                                    advice == MADV_DODUMP ? DUMP : DUMP_LEAVE_OUT);
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
        return space_advise_populate(space, start, length, advice == MADV_POPULATE_WRITE);
    case MADV_COLD:
    case MADV_PAGEOUT:
        if (space_range_wired(space, start, length))
            return -EINVAL;
        __attribute__((fallthrough));
    default:
        return range_promised(start, length);
    }
}

static bool advice_exists(uint32_t advice)
{
    return advice_is_vain(advice) || advice == MADV_WILLNEED || advice == MADV_DONTNEED ||
           (advice >= MADV_FREE && advice <= MADV_DOFORK) ||
           (advice >= MADV_DONTDUMP && advice <= MADV_DONTNEED_LOCKED);
}

SYSCALL(madvise, uint64_t start, uint64_t size, uint32_t advice)
{
    uint64_t length = PAGE_ROUND_UP(size), end = start + length;
    if (!advice_exists(advice) || start % PAGE_SIZE || length < size || end < start)
        return -EINVAL;
    return length == 0 ? 0 : advise(process_current()->space, start, length, advice);
}

#define LOOKS_AT_ONCE 64u /* pages, between two looks at the clock */

SYSCALL(mincore, uint64_t start, uint64_t length, uint64_t vector)
{
    struct space *space = process_current()->space;
    if (start % PAGE_SIZE)
        return -EINVAL;
    if (!range_ok(start, length))
        return -ENOMEM;
    if (!user_range_ok(vector, PAGE_ROUND_UP(length) >> PAGE_SHIFT))
        return -EFAULT;
    for (uint64_t at = 0; at < PAGE_ROUND_UP(length); at += PAGE_SIZE) {
        int resident = space_page_resident(space, start + at);
        if (resident < 0)
            return resident;
        uint8_t byte = resident;
        if (copy_to_user((void __user *)(vector + (at >> PAGE_SHIFT)), &byte, 1) != 0)
            return -EFAULT;
        if (at % (LOOKS_AT_ONCE * PAGE_SIZE) == 0)
            thread_breathe();
        if (signal_fatal(current))
            return -EINTR;
    }
    return 0;
}

/* A file's page is one page, whoever maps it: there is no second copy to bring up to date. */
SYSCALL(msync, uint64_t start, uint64_t size, uint32_t flags)
{
    enum { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4 };
    if (start % PAGE_SIZE || flags > 7 ||
        (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
        return -EINVAL;
    uint64_t length = PAGE_ROUND_UP(size);
    if (start + length < start)
        return -ENOMEM;
    if ((flags & MS_INVALIDATE) &&
        space_range_wired(process_current()->space, start, length))
        return -EBUSY;
    return range_promised(start, length);
}
