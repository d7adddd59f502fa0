/* kernel/linux/shm.c - the calls of System V shared memory: shmget, shmat, shmdt, shmctl. */
#include "arch/user.h"
#include "kernel/file/regular.h"
#include "kernel/file/shared_memory.h"
#include "kernel/linux/syscall.h"
#include "kernel/process/capacity.h"
#include "kernel/process/process.h"
#include "lib/string.h"
#include "mm/mm.h"

#define NS_PER_SECOND 1000000000ul

/* shmat's flags */
#define SHM_RDONLY 010000u
#define SHM_RND    020000u
#define SHM_REMAP  040000u
#define SHM_EXEC   0100000u

#define SHM_DEST   01000u
#define SHM_LOCKED 02000u

struct linux_permission {
    int32_t key;
    uint32_t owner, group, creator, creator_group, mode;
    uint16_t sequence, padding;
    uint64_t unused[2];
};

struct linux_segment {
    struct linux_permission permission;
    uint64_t size;
    int64_t attached, detached, changed;
    int32_t creator, last;
    uint64_t attachments, unused[2];
};

struct linux_segment_limits {
    uint64_t largest, smallest, count, for_each, all, unused[4];
};

struct linux_segment_usage {
    int32_t count;
    uint64_t total, resident, swapped, attempts, successes;
};

SYSCALL(shmget, int key, uint64_t size, uint32_t flags)
{
    return segment_get(key, size, flags);
}

/* --- Attaching --------------------------------------------------------------------------- */

static long attach(struct segment *segment, uint64_t address, uint32_t flags)
{
    struct space *space = process_current()->space;
    bool read_only = flags & SHM_RDONLY;
    struct map_request request = {
        .address = address,
        .length = segment->size,
        .access = ACCESS_READ | (read_only ? 0 : ACCESS_WRITE) |
                  (flags & SHM_EXEC ? ACCESS_EXECUTE : 0),
        .access_max = ACCESS_READ | ACCESS_EXECUTE | (read_only ? 0 : ACCESS_WRITE),
        .flags = MAP_SHARED | (flags & SHM_REMAP ? MAP_FIXED
                               : address         ? MAP_FIXED_NOREPLACE
                                                 : 0),
        .object = segment->inode->object,
    };
    intptr_t start = space_map(space, &request);
    segments_collect(); /* what was there may go now; if nothing is there now, this one, too */
    if (start < 0)
        return start == -EEXIST ? -EINVAL : start;
    segment->last = process_current()->id;
    segment->attached = clock_real() / NS_PER_SECOND;
    return start;
}

SYSCALL(shmat, int id, uint64_t address, uint32_t flags)
{
    struct segment *segment = segment_find(id);
    if (id < 0 || !segment)
        return -EINVAL;
    if (address % PAGE_SIZE) {
        if (!(flags & SHM_RND))
            return -EINVAL;
        address = PAGE_ROUND_DOWN(address);
    }
    if (!address && (flags & SHM_REMAP))
        return -EINVAL;
    if (address && !user_range_ok(address, PAGE_ROUND_UP(segment->size)))
        return address + segment->size < address ? -EINVAL : -ENOMEM;
    return attach(segment, address, flags);
}

/* Every region between that shows the segment where attaching at `address` put it goes. */
static void detach(struct space *space, struct segment *segment, uint64_t address)
{
    uint64_t end = address + PAGE_ROUND_UP(segment->size);
    segment_hold(segment);
    for (uint64_t at = address; at < end;) {
        struct region_view region;
        if (!view_region_above(space, at, &region) || region.start >= end)
            break;
        uint64_t start = region.start;
        at = region.end;
        if (region.object == segment->inode->object &&
            region.index == (start - address) >> PAGE_SHIFT)
            LEAVE_OUT(space_unmap(space, start, at - start)); /* whole regions can go */
    }
    segment->last = process_current()->id;
    segment->detached = clock_real() / NS_PER_SECOND;
    segment_release(segment);
}

/* The segment that was attached at `address`, as far as a part of it is still there. */
static struct segment *attached_at(struct space *space, uint64_t address)
{
    struct region_view region;
    for (uint64_t at = address; view_region_above(space, at, &region); at = region.end) {
        struct segment *segment = region.object ? segment_of(region.object) : NULL;
        if (segment && region.index == (region.start - address) >> PAGE_SHIFT)
            return segment;
    }
    return NULL;
}

SYSCALL(shmdt, uint64_t address)
{
    struct space *space = process_current()->space;
    struct segment *segment = address % PAGE_SIZE ? NULL : attached_at(space, address);
    if (!segment)
        return -EINVAL;
    detach(space, segment, address);
    return 0;
}

/* --- Control ----------------------------------------------------------------------------- */

static long segment_tell(const struct segment *segment, uint64_t address)
{
    struct linux_segment told;
    memset(&told, 0, sizeof(told));
    told.permission.key = segment->key;
    told.permission.owner = segment->owner;
    told.permission.group = segment->group;
    told.permission.mode = segment->mode | (segment->removed ? SHM_DEST : 0) |
                           (segment->inode->object->locked ? SHM_LOCKED : 0);
    told.permission.sequence = segment->id / 32768;
    told.size = segment->size;
    told.attached = segment->attached;
    told.detached = segment->detached;
    told.changed = segment->changed;
    told.creator = segment->creator;
    told.last = segment->last;
    told.attachments = segment_attachments(segment);
    return copy_to_user((void __user *)address, &told, sizeof(told)) ? -EFAULT : 0;
}

static long segment_change(int id, uint64_t address)
{
    struct linux_segment wanted;
    if (copy_from_user(&wanted, (const void __user *)address, sizeof(wanted)) != 0)
        return -EFAULT;
    struct segment *segment = segment_find(id); /* it may have gone before */
    if (!segment)
        return -EINVAL;
    segment->owner = wanted.permission.owner;
    segment->group = wanted.permission.group;
    segment->mode = wanted.permission.mode & 0777;
    segment->changed = clock_real() / NS_PER_SECOND;
    return 0;
}

/* The highest place in use: what programs count up to with SHM_STAT. */
static long segment_highest(void)
{
    long highest = 0;
    for (const struct segment *at = segment_first; at; at = at->next)
        highest = at->id % 32768;
    return highest;
}

static long limits_tell(uint64_t address)
{
    const struct linux_segment_limits limits = {
        .largest = capacity.segment_bytes,
        .smallest = 1,
        .count = capacity.segments,
        .for_each = capacity.segments,
        .all = capacity.segment_pages,
    };
    return copy_to_user((void __user *)address, &limits, sizeof(limits))
               ? -EFAULT
               : segment_highest();
}

static long usage_tell(uint64_t address)
{
    struct linux_segment_usage usage;
    memset(&usage, 0, sizeof(usage));
    for (const struct segment *at = segment_first; at; at = at->next) {
        uint64_t resident, swapped;
        segment_pages(at, &resident, &swapped);
        usage.count++;
        usage.total += PAGE_ROUND_UP(at->size) >> PAGE_SHIFT;
        usage.resident += resident;
        usage.swapped += swapped;
    }
    return copy_to_user((void __user *)address, &usage, sizeof(usage)) ? -EFAULT
                                                                       : segment_highest();
}

static long place_tell(uint64_t place, uint64_t address)
{
    const struct segment *segment = segment_first;
    while (segment && (uint64_t)(segment->id % 32768) != place)
        segment = segment->next;
    if (!segment)
        return -EINVAL;
    int id = segment->id;
    long error = segment_tell(segment, address);
    return error ? error : id;
}

SYSCALL(shmctl, int id, int command, uint64_t buffer)
{
    enum {
        IPC_RMID,
        IPC_SET,
        IPC_STAT,
        IPC_INFO,
        SHM_LOCK = 11,
        SHM_UNLOCK,
        SHM_STAT,
        SHM_INFO,
        SHM_STAT_ANY
    };
    struct segment *segment = segment_find(id);
    if (id < 0 || command < 0)
        return -EINVAL;
    switch (command) {
    case IPC_INFO:
        return limits_tell(buffer);
    case SHM_INFO:
        return usage_tell(buffer);
    case SHM_STAT:
    case SHM_STAT_ANY:
        return place_tell((uint32_t)id, buffer);
    case IPC_STAT:
        return segment ? segment_tell(segment, buffer) : -EINVAL;
    case IPC_SET:
        return segment_change(id, buffer);
    case IPC_RMID:
        if (segment)
            segment_remove(segment);
        return segment ? 0 : -EINVAL;
    case SHM_LOCK:
    case SHM_UNLOCK:
        if (segment)
            segment_lock(segment, command == SHM_LOCK);
        return segment ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}
