/* kernel/linux/system.c - the calls about the system, and about odds and ends of a thread. */
#include "arch/user.h"
#include "kernel/device/random.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/system_names.h"
#include "kernel/linux/time.h"
#include "kernel/process/exec.h"
#include "kernel/process/process.h"
#include "kernel/report/log.h"
#include "kernel/report/trace.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

/* --- The system --------------------------------------------------------------------- */

struct linux_names {
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

#define UNAME26            0x0020000u /* 6.1 is called 2.6.61 */
#define ADDR_NO_RANDOMIZE  0x0040000u /* no addresses are random */
#define READ_IMPLIES_EXEC  0x0400000u
#define ADDR_COMPAT_LAYOUT 0x0200000u
#define PER_MASK           0x00000ffu
#define PER_LINUX32        8u /* the machine is called an i686 */

/* reboot's numbers. */
#define LINUX_REBOOT_MAGIC1        0xfee1deadu
#define LINUX_REBOOT_MAGIC2        672274793u
#define LINUX_REBOOT_MAGIC2A       85072278u
#define LINUX_REBOOT_MAGIC2B       369367448u
#define LINUX_REBOOT_MAGIC2C       537993216u
#define LINUX_REBOOT_CMD_CAD_OFF   0x00000000u
#define LINUX_REBOOT_CMD_CAD_ON    0x89abcdefu
#define LINUX_REBOOT_CMD_RESTART   0x01234567u
#define LINUX_REBOOT_CMD_POWER_OFF 0x4321fedcu
#define LINUX_REBOOT_CMD_HALT      0xcdef0123u

/* "Linux" because that is whose system calls these are; programs look. */
SYSCALL(uname, uint64_t buffer)
{
    struct linux_names names = {"Linux",        "",       "6.1.0-faultline",
                                "#1 Faultline", "x86_64", ""};
    uint32_t personality = process_current()->personality;
    text_copy(names.node, system_names.host, sizeof(names.node));
    text_copy(names.domain, system_names.domain, sizeof(names.domain));
    if (personality & UNAME26)
        text_copy(names.release, "2.6.61-faultline", sizeof(names.release));
    if ((personality & PER_MASK) == PER_LINUX32)
        text_copy(names.machine, "i686", sizeof(names.machine));
    return copy_to_user((void __user *)buffer, &names, sizeof(names)) ? -EFAULT : 0;
}

static long name_call(char *name, uint64_t address, uint64_t length)
{
    char told[SYSTEM_NAME_MAX + 1] = "";
    if (length > SYSTEM_NAME_MAX)
        return -EINVAL;
    if (copy_from_user(told, (const void __user *)address, length) != 0)
        return -EFAULT;
    memcpy(name, told, sizeof(told));
    return 0;
}

SYSCALL(sethostname, uint64_t name_at, int length)
{
    return name_call(system_names.host, name_at, length);
}

SYSCALL(setdomainname, uint64_t name_at, int length)
{
    return name_call(system_names.domain, name_at, length);
}

struct linux_system {
    int64_t uptime;
    uint64_t loads[3];
    uint64_t total, free, shared, buffers, swap_total, swap_free;
    uint16_t processes, padding;
    uint64_t high_total, high_free;
    uint32_t unit;
};

SYSCALL(sysinfo, uint64_t buffer)
{
    struct linux_system system;
    memset(&system, 0, sizeof(system));
    system.uptime = time_now() / NS_PER_SECOND + 1; /* one that has begun counts */
    system.total = frame_counts.total * PAGE_SIZE;
    system.free = frame_counts.free * PAGE_SIZE;
    system.swap_total = swap_counts.total * PAGE_SIZE;
    system.swap_free =
        (swap_counts.total - swap_counts.used - swap_counts.retired) * PAGE_SIZE;
    system.processes = process_count;
    system.unit = 1;
    return copy_to_user((void __user *)buffer, &system, sizeof(system)) ? -EFAULT : 0;
}

SYSCALL(getrandom, uint64_t buffer, uint64_t length, uint32_t flags)
{
    uint8_t bytes[256];
    size_t done = 0;
    if ((flags & ~7ull) || (flags & 6) == 6) /* RANDOM is not INSECURE */
        return -EINVAL;
    if (length > INT32_MAX)
        length = INT32_MAX;
    while (done < length) {
        size_t part = length - done < sizeof(bytes) ? length - done : sizeof(bytes);
        random_fill(bytes, part);
        size_t left = copy_to_user((void __user *)(buffer + done), bytes, part);
        done += part - left;
        if (left)
            return done ? (long)done : -EFAULT;
        thread_breathe();
        if (signal_fatal(current))
            return done;
    }
    return done;
}

SYSCALL(reboot, uint32_t magic, uint32_t magic2, uint32_t command)
{
    if (magic != LINUX_REBOOT_MAGIC1 ||
        (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
         magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
        return -EINVAL;
    switch (command) {
    case LINUX_REBOOT_CMD_CAD_OFF: /* nobody presses those keys here */
    case LINUX_REBOOT_CMD_CAD_ON:
        return 0;
    case LINUX_REBOOT_CMD_RESTART: /* the machine ends */
    case LINUX_REBOOT_CMD_POWER_OFF:
    case LINUX_REBOOT_CMD_HALT:
        serial_flush();
        machine_off(MACHINE_DONE);
    default:
        return -EINVAL;
    }
}

/* --- Limits ------------------------------------------------------------------------- */

SYSCALL(getrlimit, uint32_t resource, uint64_t limit_at)
{
    if (resource >= RLIM_NLIMITS)
        return -EINVAL;
    struct limit_pair pair = process_current()->limits[resource];
    return copy_to_user((void __user *)limit_at, &pair, sizeof(pair)) ? -EFAULT : 0;
}

SYSCALL(setrlimit, uint32_t resource, uint64_t limit_at)
{
    struct limit_pair pair;
    if (copy_from_user(&pair, (const void __user *)limit_at, sizeof(pair)) != 0)
        return -EFAULT;
    return resource < RLIM_NLIMITS ? limit_set(process_current(), resource, pair) : -EINVAL;
}

SYSCALL(prlimit64, int pid, uint32_t resource, uint64_t new_at, uint64_t old_at)
{
    struct limit_pair next, old;
    if (new_at && copy_from_user(&next, (const void __user *)new_at, sizeof(next)) != 0)
        return -EFAULT;
    struct process *process = pid ? process_of(pid) : process_current();
    if (!process)
        return -ESRCH;
    if (resource >= RLIM_NLIMITS)
        return -EINVAL;
    old = process->limits[resource];
    long error = new_at ? limit_set(process, resource, next) : 0;
    if (error == 0 && old_at && copy_to_user((void __user *)old_at, &old, sizeof(old)) != 0)
        return -EFAULT;
    return error;
}

/* --- The thread --------------------------------------------------------------------- */

SYSCALL(arch_prctl, int code, uint64_t address)
{
    enum {
        ARCH_SET_GS = 0x1001,
        ARCH_SET_FS,
        ARCH_GET_FS,
        ARCH_GET_GS,
        ARCH_GET_CPUID = 0x1011,
        ARCH_SET_CPUID
    };
    uint64_t base;
    switch (code) {
    case ARCH_SET_GS:
    case ARCH_SET_FS:
        if (address >= USER_END)
            return -EPERM;
        (code == ARCH_SET_FS ? cpu_set_fs_base : cpu_set_gs_base)(address);
        return 0;
    case ARCH_GET_FS:
    case ARCH_GET_GS:
        base = code == ARCH_GET_FS ? cpu_get_fs_base() : cpu_get_gs_base();
        return copy_to_user((void __user *)address, &base, sizeof(base)) ? -EFAULT : 0;
    case ARCH_GET_CPUID: /* CPUID runs, and this processor cannot refuse it to anybody */
        return 1;
    case ARCH_SET_CPUID:
        return -ENODEV;
    default:
        return -EINVAL;
    }
}

static long name_set(uint64_t address)
{
    char name[THREAD_NAME_SIZE] = "";
    long length = copy_string_from_user(name, (const char __user *)address, sizeof(name));
    if (length == -EFAULT)
        return -EFAULT;
    name[sizeof(name) - 1] = 0;
    memcpy(thread_name(current), name, sizeof(name));
    /* A fork that goes on as another program without exec: so busybox's shell does with many of
     * the commands that it has in itself. */
    const struct process *process = process_current();
    if (trace_wanted() && !process->execed && thread_name(current) == process->name)
        trace_exec(process, name);
    return 0;
}

static long number_give(uint64_t address, int number)
{
    return copy_to_user((void __user *)address, &number, sizeof(number)) ? -EFAULT : 0;
}

SYSCALL(prctl, int option, uint64_t second, uint64_t third, uint64_t fourth, uint64_t fifth)
{
    enum {
        PR_SET_PDEATHSIG = 1,
        PR_GET_PDEATHSIG = 2,
        PR_GET_DUMPABLE = 3,
        PR_SET_DUMPABLE = 4,
        PR_GET_KEEPCAPS = 7,
        PR_SET_NAME = 15,
        PR_GET_NAME = 16,
        PR_CAPBSET_READ = 23,
        PR_CAPBSET_DROP = 24,
        PR_GET_TSC = 25,
        PR_SET_TSC = 26,
        PR_GET_SECUREBITS = 27,
        PR_SET_SECUREBITS = 28,
        PR_SET_TIMERSLACK = 29,
        PR_GET_TIMERSLACK = 30,
        PR_SET_CHILD_SUBREAPER = 36,
        PR_GET_CHILD_SUBREAPER = 37,
        PR_SET_NO_NEW_PRIVS = 38,
        PR_GET_NO_NEW_PRIVS = 39,
    };
    enum { PR_TSC_ENABLE = 1, PR_TSC_SIGSEGV };
    struct process *process = process_current();
    switch (option) {
    case PR_SET_NAME:
        return name_set(second);
    case PR_GET_NAME:
        return copy_to_user((void __user *)second, thread_name(current), THREAD_NAME_SIZE)
                   ? -EFAULT
                   : 0;
    case PR_GET_DUMPABLE:
        return !process->undumpable;
    case PR_GET_KEEPCAPS:
    case PR_GET_SECUREBITS:
        return 0;
    case PR_SET_DUMPABLE:
        if (second > 1)
            return -EINVAL;
        process->undumpable = !second;
        return 0;
    case PR_SET_PDEATHSIG:
        if (second > SIGNALS)
            return -EINVAL;
        process->death_signal = (int)second;
        return 0;
    case PR_GET_PDEATHSIG:
        return number_give(second, process->death_signal);
    case PR_CAPBSET_READ: /* root may do all there is */
        return second <= 40 ? 1 : -EINVAL;
    case PR_CAPBSET_DROP:
    case PR_SET_SECUREBITS:
        return -EPERM;
    case PR_GET_TSC:
        return number_give(second,
                           current->context.tsc_refused ? PR_TSC_SIGSEGV : PR_TSC_ENABLE);
    case PR_SET_TSC:
        if (second != PR_TSC_ENABLE && second != PR_TSC_SIGSEGV)
            return -EINVAL;
        cpu_refuse_tsc(&current->context, second == PR_TSC_SIGSEGV);
        return 0;
    case PR_SET_CHILD_SUBREAPER:
        process->adopts = second != 0;
        return 0;
    case PR_GET_CHILD_SUBREAPER:
        return number_give(second, process->adopts);
    case PR_SET_TIMERSLACK: /* timers are exact, which any slack allows */
        current->timer_slack = (int64_t)second > 0 ? second : current->timer_slack_first;
        return 0;
    case PR_GET_TIMERSLACK:
        return (long)current->timer_slack;
    case PR_SET_NO_NEW_PRIVS: /* exec never gives any */
        if (second != 1 || third || fourth || fifth)
            return -EINVAL;
        process->no_new_privileges = true;
        return 0;
    case PR_GET_NO_NEW_PRIVS:
        return second || third || fourth || fifth ? -EINVAL : process->no_new_privileges;
    default:
        return -EINVAL;
    }
}

/* Other systems' are kept, but for what would change how memory is laid out; a page at address 0
 * (MMAP_PAGE_ZERO) is below vm.mmap_min_addr. */
SYSCALL(personality, uint32_t persona)
{
    struct process *process = process_current();
    uint32_t before = process->personality;
    if (persona == UINT32_MAX)
        return before;
    if (persona & (READ_IMPLIES_EXEC | ADDR_COMPAT_LAYOUT))
        return -EINVAL;
    process->personality = persona;
    return before;
}
