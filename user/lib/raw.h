/* raw.h - the machine without the C library in between: system calls, with what the kernel itself
 * returns, and the processor's clock. */
#ifndef USER_LIB_RAW_H
#define USER_LIB_RAW_H

#include <stdint.h>
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

/* The time-stamp counter. */
static inline uint64_t ticks(void)
{
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

#endif
