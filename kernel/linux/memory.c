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

/* May the file be mapped so? The first that Linux would refuse, or 0. Fills in the object and what
 * mprotect may grant later. */
static long file_to_request(struct file *file, uint64_t flags, uint64_t offset,
                            struct map_request *request)
{
    struct inode *inode = file->inode;
    unsigned type = flags & MAP_TYPE;
    uint64_t pages = (offset >> PAGE_SHIFT) + (request->length >> PAGE_SHIFT);
    if (inode->object && pages >= UINT32_MAX)
        return -EOVERFLOW; /* objects count their pages so far */
    if (type == 0 || type > MAP_SHARED_VALIDATE)
        return -EINVAL;
    if (type == MAP_SHARED_VALIDATE && (flags & ~(uint64_t)MAP_VALID))
        return -EOPNOTSUPP;
    bool shared = request->flags & MAP_SHARED;
    if (shared && !file_may_write(file))
        request->access_max &= ~ACCESS_WRITE;
    if (!file_may_read(file) || (request->access & ~request->access_max))
        return -EACCES;
    if (inode->file_system->flags & MS_NOEXEC) {
        if (request->access & ACCESS_EXECUTE)
            return -EPERM;
        request->access_max &= ~ACCESS_EXECUTE;
    }
    if (!inode->object && !device_is_zero(inode))
        return -ENODEV;
    if (flags & MAP_GROWSDOWN)
        return -EINVAL;
    if (shared && (inode->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))) {
        if (request->access & ACCESS_WRITE)
            return -EPERM;
        request->access_max &= ~ACCESS_WRITE;
    }
    request->object = inode->object;
    request->index = inode->object ? offset >> PAGE_SHIFT : 0;
    if (file->writes && inode->object) {
        inode->mapped_by_writer = true;
        request->access_max |= ACCESS_OF_WRITER;
    }
    return 0;
}

/* The same of memory without a file. */
static long memory_to_request(uint64_t flags)
{
    unsigned type = flags & MAP_TYPE;
    bool grows = flags & MAP_GROWSDOWN;
    return type == MAP_PRIVATE || (type == MAP_SHARED && !grows) ? 0 : -EINVAL;
}

/* What is wrong with the place is told before what is wrong with the file, which is open until it
 * is mapped, whoever closes its number meanwhile. */
SYSCALL(mmap, uint64_t address, uint64_t length, uint64_t protection, uint64_t flags,
        int fd, uint64_t offset)
{
    struct space *space = process_current()->space;
    struct file *file = NULL;
    if (offset % PAGE_SIZE)
        return -EINVAL;
    if (!(flags & MAP_ANONYMOUS)) {
        file = descriptor_hold(fd);
        if (!file)
            return -EBADF;
    }
    struct map_request request = {
        .address = address,
        .length = length,
        .access = protection & PROT_ALL,
        .access_max = PROT_ALL,
        .flags = flags & MAP_FLAGS,
    };
    request.error =
        file ? file_to_request(file, flags, offset, &request) : memory_to_request(flags);
    intptr_t start;
    if (flags & MAP_HUGETLB) /* there are none */
        start = file || length == 0 ? -EINVAL : -ENOMEM;
    else
        start = space_map(space, &request);
    if (file)
        file_release(file);
    bool populate = space_wires_at_once(space) ||
                    ((flags & (MAP_POPULATE | MAP_LOCKED)) &&
                     (flags & (MAP_NONBLOCK | MAP_LOCKED)) != MAP_NONBLOCK);
    segments_collect();
    if (start >= 0 && populate && request.access)
        space_populate(space, start, PAGE_ROUND_UP(length));
    return start;
}

/* Other pages of the same object, in the place of those that are mapped there: an mmap again, as
 * Linux has it. */
SYSCALL(remap_file_pages, uint64_t address, uint64_t size, uint64_t protection,
        uint64_t index, uint64_t flags)
{
    struct space *space = process_current()->space;
    uint64_t start = PAGE_ROUND_DOWN(address), length = PAGE_ROUND_DOWN(size);
    struct region_view region;
    if (protection || length == 0 || length > USER_END ||
        index > UINT32_MAX - length / PAGE_SIZE)
        return -EINVAL;
    if (!view_region(space, start, &region) || !region.shared ||
        !(region.access_max & (ACCESS_WRITE | ACCESS_OF_WRITER)) ||
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

SYSCALL(munmap, uint64_t address, uint64_t length)
{
    if (length == 0 || !pages_ok(address, length))
        return -EINVAL;
    long error = space_unmap(process_current()->space, address, PAGE_ROUND_UP(length));
    segments_collect();
    return error;
}

/* Rights beyond the usual: PROT_SEM; PROT_GROWSDOWN, from the beginning of the stack that the range
 * begins in; PROT_GROWSUP, which nothing does; or what is refused. */
static long protect_specially(uint64_t start, uint64_t length, uint64_t rights)
{
    uint64_t growth = rights & (PROT_GROWSDOWN | PROT_GROWSUP);
    uint64_t end = start + PAGE_ROUND_UP(length);
    struct region_view region = {.start = start};
    if (growth == (PROT_GROWSDOWN | PROT_GROWSUP))
        return -EINVAL;
    if (end <= start)
        return length == 0 ? 0 : -ENOMEM;
    if (rights & ~(uint64_t)(PROT_ALL | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP))
        return -EINVAL;
    if (growth && (!view_region_above(process_current()->space, start, &region) ||
                   region.start >= end || (growth == PROT_GROWSUP && region.start > start)))
        return -ENOMEM;
    if (growth && (growth == PROT_GROWSUP || !region.grows_down))
        return -EINVAL;
    return space_protect(process_current()->space, region.start, end - region.start,
                         rights & PROT_ALL);
}

SYSCALL(mprotect, uint64_t address, uint64_t length, uint64_t protection)
{
    if (address % PAGE_SIZE)
        return -EINVAL;
    if (protection & ~(uint64_t)PROT_ALL)
        return protect_specially(address, length, protection);
    if (length == 0)
        return 0;
    return space_protect(process_current()->space, address, length, protection);
}

/* A data limit of nothing leaves the heap as it is. For what else is data, the hard limit holds
 * then (limits_bind): so it is on Linux. */
SYSCALL(brk, uint64_t wanted)
{
    struct process *process = process_current();
    bool may = process->limits[RLIMIT_DATA].soft > 0;
    struct heap_ends ends = space_heap(process->space, may ? wanted : 0);
    uint64_t before = PAGE_ROUND_UP(ends.before), now = PAGE_ROUND_UP(ends.now);
    if (now > before && space_wires_at_once(process->space))
        space_populate(process->space, before, now - before);
    return ends.now;
}

SYSCALL(mremap, uint64_t old_address, uint64_t old_size, uint64_t new_size, uint64_t flags,
        uint64_t new_address)
{
    struct space *space = process_current()->space;
    uint64_t length = PAGE_ROUND_UP(new_size), old = PAGE_ROUND_UP(old_size);
    unsigned place_flags = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
    if ((flags & ~7ull) || old_address % PAGE_SIZE || length == 0 || length > USER_END)
        return -EINVAL;
    if (place_flags &&
        (!(flags & MREMAP_MAYMOVE) || new_address % PAGE_SIZE ||
         !user_range_ok(new_address, length) ||
         ((flags & MREMAP_DONTUNMAP) && old != length) ||
         (old_address < new_address + length && new_address < old_address + old)))
        return -EINVAL;
    struct remap_request request = {old_address, old, length, flags, new_address};
    intptr_t start = space_remap(space, request);
    segments_collect();
    struct region_view region;
    if (start > 0 && length > old && view_region(space, start, &region) &&
        region.wired == WIRE)
        space_populate(space, start + old, length - old);
    return start;
}

/* mlock takes any range; what it wires are the pages that the range lies in. */
static long lock_range(uint64_t start, uint64_t length, enum wiring wiring)
{
    uint64_t size = PAGE_ROUND_UP(length + start % PAGE_SIZE);
    long error = space_wire(process_current()->space, PAGE_ROUND_DOWN(start), size, wiring);
    return error == -EFAULT ? -ENOMEM : error;
}

SYSCALL(mlock, uint64_t start, uint64_t length)
{
    return lock_range(start, length, WIRE);
}

SYSCALL(mlock2, uint64_t start, uint64_t length, uint32_t flags)
{
    return flags > MLOCK_ONFAULT
               ? -EINVAL
               : lock_range(start, length, flags & MLOCK_ONFAULT ? WIRE_ON_FAULT : WIRE);
}

SYSCALL(munlock, uint64_t start, uint64_t length)
{
    return lock_range(start, length, UNWIRE);
}

SYSCALL(mlockall, uint32_t flags)
{
    enum { MCL_CURRENT = 1, MCL_FUTURE = 2, MCL_ONFAULT = 4 };
    struct space *space = process_current()->space;
    enum wiring wiring = flags & MCL_ONFAULT ? WIRE_ON_FAULT : WIRE;
    if (flags == 0 || flags > 7 || flags == MCL_ONFAULT)
        return -EINVAL;
    space_wire_future(space, flags & MCL_FUTURE ? wiring : UNWIRE);
    if (flags & MCL_CURRENT)
        space_wire_all(space, wiring);
    return 0;
}

SYSCALL(munlockall)
{
    struct space *space = process_current()->space;
    space_wire_future(space, UNWIRE);
    space_wire_all(space, UNWIRE);
    return 0;
}
