/* lib/panic.h - stopping when something that must hold does not.
 *
 * A panic is for broken invariants only, never for what a program or a device may do; it
 * says which invariant, with the numbers. The kernel's panic is in kernel/report/panic.c; host
 * tests bring their own. */
#ifndef LIB_PANIC_H
#define LIB_PANIC_H

_Noreturn void panic(const char *format, ...) __attribute__((__format__(printf, 1, 2)));

/* The machine cannot start as it was asked to: by its loader, its parameters, its image, its size.
 * Say in one line what is wrong and what to do, and stop for good. */
_Noreturn void refuse(const char *format, ...) __attribute__((__format__(printf, 1, 2)));

#define ASSERT(condition)                                                      \
    do {                                                                       \
        if (__builtin_expect(!(condition), 0))                                 \
            panic("%s:%d: does not hold: %s", __FILE__, __LINE__, #condition); \
    } while (0)

/* What the compiler proves (lib/locks.h) is looked at as well where time does not matter: in the
 * kernel for the debugger (DEBUG=1), and in the host's tests. */
#if defined(FAULTLINE_DEBUG) || __STDC_HOSTED__
#define DEBUG_BUILD 1
#else
#define DEBUG_BUILD 0
#endif

#endif
