/* raw.h - system calls without the C library in between: what the kernel itself returns. */
#ifndef USER_LIB_RAW_H
#define USER_LIB_RAW_H

#include <sys/syscall.h>

/* The kernel's own result: a negative errno when it failed. */
static inline long raw6(long call, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(call), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long raw3(long call, long a, long b, long c)
{
    return raw6(call, a, b, c, 0, 0, 0);
}

#endif
