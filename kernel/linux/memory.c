/* kernel/linux/memory.c - the calls about memory: mmap and its relatives, as Linux words them. */
#include "arch/user.h"
#include "kernel/device/device.h"
#include "kernel/file/shared_memory.h"
#include "kernel/linux/descriptors.h"
#include "kernel/process/process.h"
#include "mm/mm.h"

#define MAP_PRIVATE         0x02u /* MAP_SHARED and others: mm/mm.h */
#define MAP_SHARED_VALIDATE 0x03u
#define MAP_TYPE            0x0fu
#define MAP_ANONYMOUS       0x20u
#define MAP_POPULATE        0x8000u
#define MAP_NONBLOCK        0x10000u
#define MAP_HUGETLB         0x40000u
/* Those that Linux has always had: also DENYWRITE, EXECUTABLE, STACK,
 * UNINITIALIZED, ABOVE4G and sizes of huge pages. */
#define MAP_VALID 0x7c07f9f3u

#define MLOCK_ONFAULT  1u
#define PROT_ALL       7u /* read 1, write 2, execute 4: as ACCESS_… */
#define PROT_SEM       8u /* for atomic instructions: all memory is */
#define PROT_GROWSDOWN 0x01000000u
#define PROT_GROWSUP   0x02000000u

#define LOWEST_ADDRESS 0x10000ul /* nothing is mapped below: null pointers with an offset */

/* What of `file` a mapping wants: may it have that? Fills in the object and what mprotect
 * may grant later. */
static long file_to_request(struct file *file, uint64_t flags, uint64_t offset,
                            struct map_request *request)
{
    bool shared = request->flags & MAP_SHARED;
    if (!file_may_read(file))
        return -EACCES;
    if ((flags & MAP_TYPE) == MAP_SHARED_VALIDATE && (flags & ~(uint64_t)MAP_VALID))
        return -EOPNOTSUPP;
    if (shared && !file_may_write(file))
        request->access_max &= ~ACCESS_WRITE;
    if (request->access & ~request->access_max)
        return -EACCES;
    if (device_is_zero(file->inode))
        return 0;
    if (!file->inode->object)
        return -ENODEV;
    if (offset >= (1ull << 43) || request->length > (1ull << 43))
        return -EOVERFLOW;
    if (shared && (file->inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))) {
        if (request->access & ACCESS_WRITE)
            return -EPERM;
        request->access_max &= ~ACCESS_WRITE;
    }
    if (file->writes) {
        file->inode->mapped_by_writer = true;
        request->access_max |= ACCESS_OF_WRITER;
    }
    request->object = file->inode->object;
    request->index = offset >> PAGE_SHIFT;
    return flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

/* The file is open until it is mapped, whoever closes its number meanwhile. */
static intptr_t file_map(struct space *space, int fd, uint64_t flags, uint64_t offset,
                         struct map_request *request)
{
    struct file *file = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    intptr_t start = file_to_request(file, flags, offset, request);
    if (start == 0)
        start = space_map(space, request);
    file_release(file);
    return start;
}

static long map_check(uint64_t address, uint64_t length, uint64_t flags, uint64_t offset)
{
    uint64_t type = flags & MAP_TYPE;
    bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
    if (length == 0 || offset % PAGE_SIZE || type == 0 || type > MAP_SHARED_VALIDATE)
        return -EINVAL;
    if (type != MAP_PRIVATE && (flags & MAP_ANONYMOUS) &&
        (type == MAP_SHARED_VALIDATE || (flags & MAP_GROWSDOWN)))
        return -EINVAL;
    if (flags & MAP_HUGETLB) /* there are none */
        return flags & MAP_ANONYMOUS ? -ENOMEM : -EINVAL;
    if (length > USER_END)
        return -ENOMEM;
    if (fixed && address % PAGE_SIZE)
        return -EINVAL;
    if (fixed && address < LOWEST_ADDRESS)
        return -EPERM;
    return fixed && !user_range_ok(address, PAGE_ROUND_UP(length)) ? -ENOMEM : 0;
}

SYSCALL(mmap, address, length, protection, flags, fd, offset)
{
    struct process *process = process_current();
    struct space *space = process->space;
    long error = map_check(address, length, flags, offset);
    if (error < 0)
        return error;
    struct map_request request = {
        .address = PAGE_ROUND_DOWN(address),
        .length = length,
        .access = protection & PROT_ALL,
        .access_max = PROT_ALL,
        .flags = flags & MAP_FLAGS,
    };
    intptr_t start = flags & MAP_ANONYMOUS
                         ? space_map(space, &request)
                         : file_map(space, (int)fd, flags, offset, &request);
    bool populate =
        process->locks_future || ((flags & (MAP_POPULATE | MAP_LOCKED)) &&
                                  (flags & (MAP_NONBLOCK | MAP_LOCKED)) != MAP_NONBLOCK);
    segments_collect();
    if (start >= 0 && populate && request.access)
        space_populate(space, start, PAGE_ROUND_UP(length));
    return start;
}

/* Other pages of the same object, in the place of those that are mapped there: an mmap again, as
 * Linux has it. */
SYSCALL(remap_file_pages, address, size, protection, index, flags)
{
    struct space *space = process_current()->space;
    uint64_t start = PAGE_ROUND_DOWN(address), length = PAGE_ROUND_DOWN(size);
    struct region_view region;
    if (protection || length == 0 || length > USER_END ||
        index > UINT32_MAX - length / PAGE_SIZE)
        return -EINVAL;
    if (!view_region(space, start, &region) || !region.shared ||
        length > region.end - start)
        return -EINVAL;
    struct map_request request = {
        .address = start,
        .length = length,
        .access = region.access,
        .access_max = region.access_max,
        .flags = MAP_SHARED | MAP_FIXED | (region.wired ? MAP_LOCKED : 0),
        .object = region.object,
        .index = (uint32_t)index,
    };
    bool populate = region.access && !(flags & MAP_NONBLOCK);
    intptr_t error = space_map(space, &request);
    segments_collect();
    if (error < 0)
        return error;
    if (populate)
        space_populate(space, start, length);
    return 0;
}

/* The range of a call that wants whole pages; a length that wraps is -EINVAL. */
static bool pages_ok(uint64_t start, uint64_t length)
{
    return start % PAGE_SIZE == 0 && length <= USER_END &&
           user_range_ok(start, PAGE_ROUND_UP(length));
}

SYSCALL(munmap, address, length)
{
    if (length == 0 || !pages_ok(address, length))
        return -EINVAL;
    long error = space_unmap(process_current()->space, address, PAGE_ROUND_UP(length));
    segments_collect();
    return error;
}

/* PROT_GROWSDOWN: from the beginning of the stack that `start` is in. */
static long protect_start(uint64_t *start, uint64_t end)
{
    struct region_view region;
    if (!view_region_above(process_current()->space, *start, &region) ||
        region.start >= end)
        return -ENOMEM;
    *start = region.start;
    return region.grows_down ? 0 : -EINVAL;
}

/* Rights with PROT_SEM, PROT_GROWSDOWN or what is refused. */
static long protect_specially(uint64_t start, uint64_t length, uint64_t rights)
{
    uint64_t end = start + PAGE_ROUND_UP(length);
    bool down = rights & PROT_GROWSDOWN;
    if (down && (rights & PROT_GROWSUP))
        return -EINVAL;
    if (length == 0)
        return 0;
    if (end <= start)
        return -ENOMEM;
    if (rights & ~(uint64_t)(PROT_ALL | PROT_SEM | PROT_GROWSDOWN)) /* nothing grows up */
        return -EINVAL;
    long error = !pages_ok(start, length) ? -ENOMEM : down ? protect_start(&start, end) : 0;
    return error ? error
                 : space_protect(process_current()->space, start, end - start,
                                 rights & PROT_ALL);
}

SYSCALL(mprotect, address, length, protection)
{
    if (address % PAGE_SIZE)
        return -EINVAL;
    if (protection & ~(uint64_t)PROT_ALL)
        return protect_specially(address, length, protection);
    if (length == 0)
        return 0;
    if (!pages_ok(address, length))
        return -ENOMEM;
    return space_protect(process_current()->space, address, PAGE_ROUND_UP(length),
                         protection);
}

SYSCALL(brk, wanted)
{
    struct process *process = process_current();
    struct heap_ends ends = space_heap(process->space, wanted);
    uint64_t before = PAGE_ROUND_UP(ends.before), now = PAGE_ROUND_UP(ends.now);
    if (process->locks_future && now > before)
        space_populate(process->space, before, now - before);
    return ends.now;
}

SYSCALL(mremap, old_address, old_size, new_size, flags, new_address)
{
    struct process *process = process_current();
    uint64_t new_length = PAGE_ROUND_UP(new_size), old = PAGE_ROUND_UP(old_size);
    unsigned place_flags = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
    if ((flags & ~7ull) || (place_flags && !(flags & MREMAP_MAYMOVE)) ||
        old_address % PAGE_SIZE || new_length == 0)
        return -EINVAL;
    if ((flags & MREMAP_DONTUNMAP) && old != new_length)
        return -EINVAL;
    if (place_flags &&
        (new_address % PAGE_SIZE || !user_range_ok(new_address, new_length) ||
         (old_address < new_address + new_length && new_address < old_address + old)))
        return -EINVAL;
    struct region_view region;
    if (!view_region(process->space, old_address, &region))
        return -EFAULT;
    if (new_size > USER_END || old < old_size)
        return -EINVAL;
    if ((flags & MREMAP_FIXED) && new_address < LOWEST_ADDRESS)
        return -EPERM;
    if (!pages_ok(old_address, old))
        return old > new_length ? -EINVAL : -EFAULT;
    struct remap_request request = {old_address, old, new_length, flags, new_address};
    intptr_t start = space_remap(process->space, request);
    segments_collect();
    if (start > 0 && new_length > old && view_region(process->space, start, &region) &&
        region.wired)
        space_populate(process->space, start + old, new_length - old);
    return start;
}

/* mlock takes any range; what it wires are the pages that the range lies in. */
static long lock_range(uint64_t start, uint64_t length, enum wiring wiring)
{
    uint64_t size = PAGE_ROUND_UP(length + start % PAGE_SIZE);
    start = PAGE_ROUND_DOWN(start);
    if (start + size < start)
        return -EINVAL;
    if (size == 0)
        return 0;
    if (!pages_ok(start, size))
        return -ENOMEM;
    long error = space_wire(process_current()->space, start, size, wiring);
    return error == -EFAULT ? -ENOMEM : error;
}

SYSCALL(mlock, start, length)
{
    return lock_range(start, length, WIRE);
}

SYSCALL(mlock2, start, length, flags)
{
    return (uint32_t)flags > MLOCK_ONFAULT
               ? -EINVAL
               : lock_range(start, length, flags & MLOCK_ONFAULT ? WIRE_ON_FAULT : WIRE);
}

SYSCALL(munlock, start, length)
{
    return lock_range(start, length, UNWIRE);
}

SYSCALL(mlockall, flags)
{
    enum { MCL_CURRENT = 1, MCL_FUTURE = 2, MCL_ONFAULT = 4 };
    struct process *process = process_current();
    if (flags == 0 || flags > 7 || flags == MCL_ONFAULT)
        return -EINVAL;
    process->locks_future = (flags & MCL_FUTURE) && !(flags & MCL_ONFAULT);
    space_wire_future(process->space, flags & MCL_FUTURE);
    if (flags & MCL_CURRENT)
        space_wire_all(process->space, flags & MCL_ONFAULT ? WIRE_ON_FAULT : WIRE);
    return 0;
}

SYSCALL(munlockall)
{
    struct process *process = process_current();
    process->locks_future = false;
    space_wire_future(process->space, false);
    space_wire_all(process->space, UNWIRE);
    return 0;
}
