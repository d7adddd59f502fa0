/* kernel/linux/table.c - Linux's numbers and our functions. The calls on files have their own list
 * (FILE_SYSCALLS). */
#include "kernel/linux/descriptors.h"
#include "kernel/linux/syscall.h"

#define PROCESS_SYSCALLS(X)        \
    X(9, mmap)                     \
    X(10, mprotect)                \
    X(11, munmap)                  \
    X(12, brk)                     \
    X(13, rt_sigaction)            \
    X(14, rt_sigprocmask)          \
    X(15, rt_sigreturn)            \
    X(24, sched_yield)             \
    X(25, mremap)                  \
    X(26, msync)                   \
    X(27, mincore)                 \
    X(28, madvise)                 \
    X(29, shmget)                  \
    X(30, shmat)                   \
    X(31, shmctl)                  \
    X(34, pause)                   \
    X(35, nanosleep)               \
    X(36, getitimer)               \
    X(37, alarm)                   \
    X(38, setitimer)               \
    X(39, getpid)                  \
    X(56, clone)                   \
    X(57, fork)                    \
    X(58, vfork)                   \
    X(59, execve)                  \
    X(60, exit)                    \
    X(61, wait4)                   \
    X(62, kill)                    \
    X(63, uname)                   \
    X(67, shmdt)                   \
    X(96, gettimeofday)            \
    X(97, getrlimit)               \
    X(98, getrusage)               \
    X(99, sysinfo)                 \
    X(100, times)                  \
    X(102, getuid)                 \
    X(105, setuid)                 \
    X(109, setpgid)                \
    X(110, getppid)                \
    X(111, getpgrp)                \
    X(112, setsid)                 \
    X(113, setreuid)               \
    X(115, getgroups)              \
    X(116, setgroups)              \
    X(117, setresuid)              \
    X(118, getresuid)              \
    X(121, getpgid)                \
    X(124, getsid)                 \
    X(125, capget)                 \
    X(126, capset)                 \
    X(127, rt_sigpending)          \
    X(128, rt_sigtimedwait)        \
    X(129, rt_sigqueueinfo)        \
    X(130, rt_sigsuspend)          \
    X(131, sigaltstack)            \
    X(135, personality)            \
    X(140, getpriority)            \
    X(141, setpriority)            \
    X(142, sched_setparam)         \
    X(143, sched_getparam)         \
    X(144, sched_setscheduler)     \
    X(145, sched_getscheduler)     \
    X(146, sched_get_priority_max) \
    X(147, sched_get_priority_min) \
    X(148, sched_rr_get_interval)  \
    X(149, mlock)                  \
    X(150, munlock)                \
    X(151, mlockall)               \
    X(152, munlockall)             \
    X(157, prctl)                  \
    X(158, arch_prctl)             \
    X(159, adjtimex)               \
    X(160, setrlimit)              \
    X(169, reboot)                 \
    X(170, sethostname)            \
    X(171, setdomainname)          \
    X(186, gettid)                 \
    X(200, tkill)                  \
    X(201, time)                   \
    X(202, futex)                  \
    X(203, sched_setaffinity)      \
    X(204, sched_getaffinity)      \
    X(216, remap_file_pages)       \
    X(218, set_tid_address)        \
    X(222, timer_create)           \
    X(223, timer_settime)          \
    X(224, timer_gettime)          \
    X(225, timer_getoverrun)       \
    X(226, timer_delete)           \
    X(227, clock_settime)          \
    X(228, clock_gettime)          \
    X(229, clock_getres)           \
    X(230, clock_nanosleep)        \
    X(231, exit_group)             \
    X(234, tgkill)                 \
    X(247, waitid)                 \
    X(273, set_robust_list)        \
    X(274, get_robust_list)        \
    X(297, rt_tgsigqueueinfo)      \
    X(302, prlimit64)              \
    X(305, clock_adjtime)          \
    X(309, getcpu)                 \
    X(310, process_vm_readv)       \
    X(311, process_vm_writev)      \
    X(314, sched_setattr)          \
    X(315, sched_getattr)          \
    X(318, getrandom)              \
    X(322, execveat)               \
    X(324, membarrier)             \
    X(325, mlock2)                 \
    X(334, rseq)                   \
    X(435, clone3)                 \
    X(449, futex_waitv)

/* For groups what is right for users: there is one, and it is root's. */
#define GROUP_SYSCALLS(X) \
    X(104, getuid)        \
    X(106, setuid)        \
    X(107, getuid)        \
    X(108, getuid)        \
    X(114, setreuid)      \
    X(119, setresuid)     \
    X(120, getresuid)

/* Extended attributes: no file has any (docs/left-out.md). */
#define ATTRIBUTE_SYSCALLS(X) \
    X(188, attributes)        \
    X(189, attributes_link)   \
    X(190, attributes_open)   \
    X(191, attributes)        \
    X(192, attributes_link)   \
    X(193, attributes_open)   \
    X(194, attributes)        \
    X(195, attributes_link)   \
    X(196, attributes_open)   \
    X(197, attributes)        \
    X(198, attributes_link)   \
    X(199, attributes_open)

static long attributes_at(uint64_t path, unsigned flags)
{
    struct inode *inode;
    int error = path_find_user(AT_FDCWD, path, flags, &inode);
    if (error)
        return error;
    inode_release(inode);
    return -EOPNOTSUPP;
}

SYSCALL(attributes, uint64_t path)
{
    return attributes_at(path, 0);
}

SYSCALL(attributes_link, uint64_t path)
{
    return attributes_at(path, AT_SYMLINK_NOFOLLOW);
}

SYSCALL(attributes_open, int fd)
{
    struct file *file = descriptor_hold(fd);
    if (!file)
        return -EBADF;
    file_release(file);
    return -EOPNOTSUPP;
}

PROCESS_SYSCALLS(SYSCALL_DECLARE)

#define ENTRY(number, name) [number] = syscall_##name,
const syscall_t syscall_table[SYSCALLS_MAX] = {FILE_SYSCALLS(ENTRY) PROCESS_SYSCALLS(
    ENTRY) GROUP_SYSCALLS(ENTRY) ATTRIBUTE_SYSCALLS(ENTRY)};
