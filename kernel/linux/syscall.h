/* kernel/linux/syscall.h - the Linux x86-64 system call interface.
 *
 * Each call is a function of six 64-bit arguments. kernel/linux/table.c lists them by
 * number; a number without a function is -ENOSYS and one message. */
#ifndef KERNEL_LINUX_SYSCALL_H
#define KERNEL_LINUX_SYSCALL_H

#include "arch/trap.h"
#include "lib/errno.h"

typedef long (*syscall_t)(uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);

/* Declares one call; the arguments that it does not use are left out at the definition by
 * name only. Example:  SYSCALL(getpid) { return process_current()->id; } */
#define SYSCALL(name)                                                           \
    long sys_##name(                                                            \
        uint64_t a __attribute__((unused)), uint64_t b __attribute__((unused)), \
        uint64_t c __attribute__((unused)), uint64_t d __attribute__((unused)), \
        uint64_t e __attribute__((unused)), uint64_t f __attribute__((unused)))

#define SYSCALLS_MAX 512

extern const syscall_t syscall_table[SYSCALLS_MAX];
/* What Linux calls it, or "?"; until the next call. */
const char *syscall_name(uint64_t number);
/* Say once for each program and number, and not more than a few times in all, that
 * something is not here. -ENOSYS. */
long syscall_missing(const char *what);

#endif
