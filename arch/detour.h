/* arch/detour.h - a branch that costs one no-op while it is not taken.
 *
 * For code that is seldom wanted, in places where each instruction counts: a test and a branch
 * there would be paid by all who do not want it. So each place is a no-op of five bytes, noted
 * in a table, and a jump of the same length (in the entries: a call) is written over all of them
 * when the detour is wanted. There are two kinds, for who reads the trace and for several
 * processors. */
#ifndef ARCH_DETOUR_H
#define ARCH_DETOUR_H

#include "arch/processor.h"
#include "arch/types.h"

/* nopl 0(%rax,%rax), and where it would lead. */
#define DETOUR(table, label)                                 \
    __asm__ goto("1: .byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\t" \
                 ".pushsection " table ", \"a\"\n\t"         \
                 ".quad 1b, %l[" #label "]\n\t"              \
                 ".popsection"                               \
                 :                                           \
                 :                                           \
                 :                                           \
                 : label)

/* Is the trace on? False until detours_trace. */
static inline __attribute__((always_inline)) bool detour_taken(void)
{
    DETOUR(".detours", detour);
    return false;
detour:
    return true;
}

/* Do several processors run? */
static inline __attribute__((always_inline)) bool several_processors(void)
{
#ifdef FAULTLINE_HOST
    return processor_count > 1;
#else
    DETOUR(".detours_several", several);
    return false;
several:
    return true;
#endif
}

/* Store `value` in the first byte of an object; where several processors run, call a function
 * instead, which changes no register. Both in seven bytes. */
#ifdef FAULTLINE_HOST
#define STORE_OR_CALL(object, byte, value, function) \
    do {                                             \
        void function(void);                         \
        if (several_processors())                    \
            function();                              \
        else                                         \
            (object).byte = (value);                 \
    } while (0)
#elif defined(__CHECKER__)
#define STORE_OR_CALL(object, byte, value, function) ((object).byte = (value))
#else
#define STORE_OR_CALL(object, byte, value, function)           \
    /* movb $value, object(%rip) */                            \
    __asm__ volatile("1: .byte 0xc6, 0x05\n\t"                 \
                     ".long " #object " - (. + 5)\n\t"         \
                     ".byte " #value "\n\t"                    \
                     ".pushsection .stores_several, \"a\"\n\t" \
                     ".quad 1b, " #function "\n\t"             \
                     ".popsection"                             \
                     :                                         \
                     :                                         \
                     : "memory", "cc")
#endif

/* All of a kind, from now on. The kernel's text is written to meanwhile: no other processor runs
 * user code, or executes one of the places. */
void detours_trace(bool on);
void detours_several(void);

#endif
