/* system.c - the calls about the system, and about odds and ends of a thread. */
#include "arch/user.h"
#include "kernel/exec.h"
#include "kernel/linux/syscall.h"
#include "kernel/linux/time.h"
#include "kernel/log.h"
#include "kernel/process.h"
#include "kernel/random.h"
#include "kernel/system_names.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

/* --- The system --------------------------------------------------------------------- */

struct linux_names {
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

#define PERSONALITY_OLD     0x0020000u /* UNAME26: 6.1 is called 2.6.61 */
#define PERSONALITY_FIXED   0x0040000u /* ADDR_NO_RANDOMIZE: no addresses are random */
#define PERSONALITY_READ_X  0x0400000u /* READ_IMPLIES_EXEC */
#define PERSONALITY_COMPACT 0x0200000u /* ADDR_COMPAT_LAYOUT */
#define PERSONALITY_DOMAIN  0x00000ffu
#define DOMAIN_32           8u /* PER_LINUX32: the machine is called an i686 */

/* "Linux" because that is whose system calls these are; programs look. */
SYSCALL(uname)
{
    struct linux_names names = {"Linux",        "",       "6.1.0-faultline",
                                "#1 Faultline", "x86_64", ""};
    uint32_t personality = process_current()->personality;
    text_copy(names.node, system_names.host, sizeof(names.node));
    text_copy(names.domain, system_names.domain, sizeof(names.domain));
    if (personality & PERSONALITY_OLD)
        text_copy(names.release, "2.6.61-faultline", sizeof(names.release));
    if ((personality & PERSONALITY_DOMAIN) == DOMAIN_32)
        text_copy(names.machine, "i686", sizeof(names.machine));
    return copy_to_user((void __user *)a, &names, sizeof(names)) ? -EFAULT : 0;
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

SYSCALL(sethostname)
{
    return name_call(system_names.host, a, b);
}

SYSCALL(setdomainname)
{
    return name_call(system_names.domain, a, b);
}

struct linux_system {
    int64_t uptime;
    uint64_t loads[3];
    uint64_t total, free, shared, buffers, swap_total, swap_free;
    uint16_t processes, padding;
    uint64_t high_total, high_free;
    uint32_t unit;
};

SYSCALL(sysinfo)
{
    struct linux_system system;
    memset(&system, 0, sizeof(system));
    system.uptime = time_now() / NS_PER_SECOND;
    system.total = frame_counts.total * PAGE_SIZE;
    system.free = frame_counts.free * PAGE_SIZE;
    system.swap_total = swap_counts.total * PAGE_SIZE;
    system.swap_free =
        (swap_counts.total - swap_counts.used - swap_counts.retired) * PAGE_SIZE;
    system.processes = process_count;
    system.unit = 1;
    return copy_to_user((void __user *)a, &system, sizeof(system)) ? -EFAULT : 0;
}

SYSCALL(getrandom)
{
    uint8_t bytes[256];
    size_t done = 0;
    if ((c & ~7ull) || (c & 6) == 6) /* RANDOM is not INSECURE */
        return -EINVAL;
    if (b > INT32_MAX)
        b = INT32_MAX;
    while (done < b) {
        size_t part = b - done < sizeof(bytes) ? b - done : sizeof(bytes);
        random_fill(bytes, part);
        size_t left = copy_to_user((void __user *)(a + done), bytes, part);
        done += part - left;
        if (left)
            return done ? (long)done : -EFAULT;
        thread_breathe();
        if (signal_fatal(current))
            return done;
    }
    return done;
}

SYSCALL(reboot)
{
    if ((uint32_t)a != 0xfee1dead || ((uint32_t)b != 672274793 && (uint32_t)b != 85072278 &&
                                      (uint32_t)b != 369367448 && (uint32_t)b != 537993216))
        return -EINVAL;
    switch ((uint32_t)c) {
    case 0: /* CAD off, on: nobody presses those keys here */
    case 0x89abcdef:
        return 0;
    case 0x01234567: /* restart, power off, halt: the machine is QEMU, and ends */
    case 0x4321fedc:
    case 0xcdef0123:
        serial_flush();
        machine_off(MACHINE_DONE);
    default:
        return -EINVAL;
    }
}

/* --- Limits ------------------------------------------------------------------------- */

SYSCALL(getrlimit)
{
    if (a >= LIMITS)
        return -EINVAL;
    struct limit_pair pair = process_current()->limits[a];
    return copy_to_user((void __user *)b, &pair, sizeof(pair)) ? -EFAULT : 0;
}

SYSCALL(setrlimit)
{
    struct limit_pair pair;
    if (copy_from_user(&pair, (const void __user *)b, sizeof(pair)) != 0)
        return -EFAULT;
    return a < LIMITS ? limit_set(process_current(), a, pair) : -EINVAL;
}

SYSCALL(prlimit64)
{
    struct limit_pair next, old;
    if (c && copy_from_user(&next, (const void __user *)c, sizeof(next)) != 0)
        return -EFAULT;
    struct process *process = (int)a ? process_of((int)a) : process_current();
    if (!process)
        return -ESRCH;
    if (b >= LIMITS)
        return -EINVAL;
    old = process->limits[b];
    long error = c ? limit_set(process, b, next) : 0;
    if (error == 0 && d && copy_to_user((void __user *)d, &old, sizeof(old)) != 0)
        return -EFAULT;
    return error;
}

/* --- The thread --------------------------------------------------------------------- */

SYSCALL(arch_prctl)
{
    enum { SET_GS = 0x1001, SET_FS, GET_FS, GET_GS, GET_CPUID = 0x1011, SET_CPUID };
    uint64_t base;
    switch (a) {
    case SET_GS:
    case SET_FS:
        if (b >= USER_END)
            return -EPERM;
        (a == SET_FS ? cpu_set_fs_base : cpu_set_gs_base)(b);
        return 0;
    case GET_FS:
    case GET_GS:
        base = a == GET_FS ? cpu_get_fs_base() : cpu_get_gs_base();
        return copy_to_user((void __user *)b, &base, sizeof(base)) ? -EFAULT : 0;
    case GET_CPUID: /* CPUID runs, and this processor cannot refuse it to anybody */
        return 1;
    case SET_CPUID:
        return -ENODEV;
    default:
        return -EINVAL;
    }
}

static bool is_first(const struct thread *thread)
{
    return thread->id == thread->process->id;
}

static long name_set(uint64_t address)
{
    char name[16];
    long length = copy_string_from_user(name, (const char __user *)address, sizeof(name));
    if (length == -EFAULT)
        return -EFAULT;
    name[sizeof(name) - 1] = 0;
    memcpy(current->name, name, sizeof(name));
    if (is_first(current))
        memcpy(process_current()->name, name, sizeof(name));
    return 0;
}

static long number_give(uint64_t address, int number)
{
    return copy_to_user((void __user *)address, &number, sizeof(number)) ? -EFAULT : 0;
}

SYSCALL(prctl)
{
    enum {
        SET_DEATH_SIGNAL = 1,
        GET_DEATH_SIGNAL = 2,
        GET_DUMPABLE = 3,
        SET_DUMPABLE = 4,
        GET_KEEP_CAPABILITIES = 7,
        SET_NAME = 15,
        GET_NAME = 16,
        READ_BOUNDING = 23,
        GET_SECURE_BITS = 27,
        SET_TIMER_SLACK = 29,
        GET_TIMER_SLACK = 30,
        SET_SUBREAPER = 36,
        GET_SUBREAPER = 37,
        SET_NO_NEW_PRIVILEGES = 38,
        GET_NO_NEW_PRIVILEGES = 39,
    };
    struct process *process = process_current();
    switch (a) {
    case SET_NAME:
        return name_set(b);
    case GET_NAME:
        return copy_to_user((void __user *)b,
                            is_first(current) ? process->name : current->name, 16)
                   ? -EFAULT
                   : 0;
    case GET_DUMPABLE:
    case GET_KEEP_CAPABILITIES:
    case GET_SECURE_BITS:
        return 0;
    case SET_DUMPABLE:
        return b == 0 ? 0 : -EINVAL;
    case SET_DEATH_SIGNAL:
        if (b > SIGNALS)
            return -EINVAL;
        process->death_signal = (int)b;
        return 0;
    case GET_DEATH_SIGNAL:
        return number_give(b, process->death_signal);
    case READ_BOUNDING: /* root may do all there is */
        return b <= 40 ? 1 : -EINVAL;
    case SET_SUBREAPER:
        process->adopts = b != 0;
        return 0;
    case GET_SUBREAPER:
        return number_give(b, process->adopts);
    case SET_TIMER_SLACK: /* timers are exact, which any slack allows */
        current->timer_slack = (int64_t)b > 0 ? b : current->timer_slack_first;
        return 0;
    case GET_TIMER_SLACK:
        return (long)current->timer_slack;
    case SET_NO_NEW_PRIVILEGES: /* exec never gives any */
        if (b != 1 || c || d || e)
            return -EINVAL;
        process->no_new_privileges = true;
        return 0;
    case GET_NO_NEW_PRIVILEGES:
        return b || c || d || e ? -EINVAL : process->no_new_privileges;
    default:
        return -EINVAL;
    }
}

/* Other systems' are kept, but for what would change how memory is laid out; a page at address 0
 * (MMAP_PAGE_ZERO) is below vm.mmap_min_addr. */
SYSCALL(personality)
{
    struct process *process = process_current();
    uint32_t before = process->personality;
    if ((uint32_t)a == UINT32_MAX)
        return before;
    if ((uint32_t)a & (PERSONALITY_READ_X | PERSONALITY_COMPACT))
        return -EINVAL;
    process->personality = (uint32_t)a;
    return before;
}
