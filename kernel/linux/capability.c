/* kernel/linux/capability.c - capabilities: what of root's rights a process still has.
 *
 * Everybody is root here, and nothing asks for a right: what a process gives up is kept and
 * told, so that programs which give up what they do not need can go on. */
#include "arch/user.h"
#include "kernel/linux/syscall.h"
#include "kernel/process/process.h"

#define _LINUX_CAPABILITY_VERSION_1 0x19980330u
#define _LINUX_CAPABILITY_VERSION_2 0x20071026u
#define _LINUX_CAPABILITY_VERSION_3 0x20080522u

struct linux_header {
    uint32_t version;
    int32_t pid;
};

struct linux_set { /* version 1: the lower 32 of them only; else two of these */
    uint32_t effective, permitted, inheritable;
};

/* How many sets the caller's version has; an unknown one is told ours. -errno. */
static long sets_count(uint64_t header, struct linux_header *asked)
{
    const uint32_t ours = _LINUX_CAPABILITY_VERSION_3;
    if (copy_from_user(asked, (const void __user *)header, sizeof(*asked)) != 0)
        return -EFAULT;
    if (asked->version == _LINUX_CAPABILITY_VERSION_1)
        return 1;
    if (asked->version == _LINUX_CAPABILITY_VERSION_2 ||
        asked->version == _LINUX_CAPABILITY_VERSION_3)
        return 2;
    return copy_to_user((void __user *)header, &ours, sizeof(ours)) ? -EFAULT : -EINVAL;
}

SYSCALL(capget, uint64_t header, uint64_t data)
{
    struct linux_header asked;
    long count = sets_count(header, &asked);
    if (!data && (count > 0 || count == -EINVAL))
        return 0; /* only the version is asked */
    if (count < 0)
        return count;
    if (asked.pid < 0)
        return -EINVAL;
    const struct process *process = asked.pid ? process_of(asked.pid) : process_current();
    if (!process)
        return -ESRCH;
    struct linux_set sets[2];
    for (long i = 0; i < count; i++)
        sets[i] = (struct linux_set){
            .effective = (CAPABILITIES & ~process->dropped[0]) >> (32 * i),
            .permitted = (CAPABILITIES & ~process->dropped[1]) >> (32 * i),
            .inheritable = process->inheritable >> (32 * i),
        };
    return copy_to_user((void __user *)data, sets, count * sizeof(*sets)) ? -EFAULT : 0;
}

/* What was given up does not come back, and only what is permitted can be effective. */
SYSCALL(capset, uint64_t header, uint64_t data)
{
    struct process *process = process_current();
    struct linux_header asked;
    uint64_t effective = 0, permitted = 0, inheritable = 0;
    long count = sets_count(header, &asked);
    if (count < 0)
        return count;
    if (asked.pid && asked.pid != current->id)
        return -EPERM;
    for (long i = 0; i < count; i++) {
        struct linux_set set;
        if (copy_from_user(&set, (const void __user *)(data + i * sizeof(set)),
                           sizeof(set)) != 0)
            return -EFAULT;
        effective |= (uint64_t)set.effective << (32 * i);
        permitted |= (uint64_t)set.permitted << (32 * i);
        inheritable |= (uint64_t)set.inheritable << (32 * i);
    }
    if ((permitted & CAPABILITIES & process->dropped[1]) || (effective & ~permitted))
        return -EPERM;
    process->dropped[0] = CAPABILITIES & ~effective;
    process->dropped[1] = CAPABILITIES & ~permitted;
    process->inheritable = inheritable & CAPABILITIES;
    return 0;
}
