/* kernel/linux/syscall.h - the Linux x86-64 system call interface.
 *
 * Each call arrives with six registers. kernel/linux/table.c lists them by number; a number
 * without a function is -ENOSYS and one message. An argument that Linux declares with 32 bits
 * (int: a descriptor, a process, flags) is the lower half of its register, whatever the program
 * left in the upper: so the call's own signature says how wide each is. */
#ifndef KERNEL_LINUX_SYSCALL_H
#define KERNEL_LINUX_SYSCALL_H

#include "arch/trap.h"
#include "lib/errno.h"
#include "lib/locks.h"

typedef long (*syscall_t)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

/* The signature of one call, with those of its arguments that it looks at:
 *     SYSCALL(kill, int pid, int signal)
 *     {
 *         … */
#define SYSCALL(name, ...)                                                  \
    SYSCALL_OF_SIX(name, ##__VA_ARGS__, uint64_t unused1, uint64_t unused2, \
                   uint64_t unused3, uint64_t unused4, uint64_t unused5, uint64_t unused6)
#define SYSCALL_OF_SIX(name, first, second, third, fourth, fifth, sixth, ...)   \
    SYSCALL_TYPED(name, first, second, third, fourth, fifth, sixth);            \
    long syscall_##name(uint64_t rdi, uint64_t rsi, uint64_t rdx, uint64_t r10, \
                        uint64_t r8, uint64_t r9)                               \
    {                                                                           \
        return sys_##name(rdi, rsi, rdx, r10, r8, r9);                          \
    }                                                                           \
    SYSCALL_TYPED(name, first, second, third, fourth, fifth, sixth)
#define SYSCALL_TYPED(name, first, second, third, fourth, fifth, sixth)              \
    static long sys_##name(UNUSED first, UNUSED second, UNUSED third, UNUSED fourth, \
                           UNUSED fifth, UNUSED sixth)
#define UNUSED __attribute__((unused))

/* One that is elsewhere. */
#define SYSCALL_DECLARE(number, name) \
    long syscall_##name(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

#define SYSCALLS_MAX 512

/* Read a structure of a call that tells its size, of which `known` bytes are known here: what the
 * caller's has not is 0. -E2BIG: it has more, and that is not zeroes. -EFAULT. */
long structure_read(void *to, size_t known, uint64_t address, uint64_t size) SLEEPS;

extern const syscall_t syscall_table[SYSCALLS_MAX];
/* What Linux calls it, or "?"; until the next call. */
const char *syscall_name(uint64_t number);

#endif
