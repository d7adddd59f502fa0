/* kernel/linux/syscall.h - the Linux x86-64 system call interface.
 *
 * Each call is a function of six 64-bit arguments. kernel/linux/table.c lists them by
 * number; a number without a function is -ENOSYS and one message. */
#ifndef KERNEL_LINUX_SYSCALL_H
#define KERNEL_LINUX_SYSCALL_H

#include "arch/trap.h"
#include "lib/errno.h"

typedef long (*syscall_t)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

/* The signature of one call, with names for the arguments that it looks at, of six:
 *     SYSCALL(kill, pid, signal)
 *     {
 *         … */
#define SYSCALL(name, ...)                                                           \
    SYSCALL_OF_SIX(name, ##__VA_ARGS__, unused1, unused2, unused3, unused4, unused5, \
                   unused6)
#define SYSCALL_OF_SIX(name, first, second, third, fourth, fifth, sixth, ...) \
    long sys_##name(SYSCALL_PARAMETER(first), SYSCALL_PARAMETER(second),      \
                    SYSCALL_PARAMETER(third), SYSCALL_PARAMETER(fourth),      \
                    SYSCALL_PARAMETER(fifth), SYSCALL_PARAMETER(sixth))
#define SYSCALL_PARAMETER(name) uint64_t name __attribute__((unused))

/* One that is elsewhere. */
#define SYSCALL_DECLARE(number, name) \
    long sys_##name(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

#define SYSCALLS_MAX 512

extern const syscall_t syscall_table[SYSCALLS_MAX];
/* What Linux calls it, or "?"; until the next call. */
const char *syscall_name(uint64_t number);

#endif
