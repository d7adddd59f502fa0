/* arch/detour.h - a branch that costs one no-op while it is not taken.
 *
 * For code that is seldom wanted, in places where each instruction counts: a test and a branch
 * there would be paid by all who do not want it. So each place is a no-op of five bytes, noted
 * in a table, and a jump of the same length is written over all of them when the detour
 * is wanted. */
#ifndef ARCH_DETOUR_H
#define ARCH_DETOUR_H

#include "arch/types.h"

/* False until detours are switched on. */
static inline __attribute__((always_inline)) bool detour_taken(void)
{
    __asm__ goto("1: .byte 0x0f, 0x1f, 0x44, 0x00, 0x00\n\t" /* nopl 0(%rax,%rax) */
                 ".pushsection .detours, \"a\"\n\t"
                 ".quad 1b, %l[detour]\n\t"
                 ".popsection"
                 :
                 :
                 :
                 : detour);
    return false;
detour:
    return true;
}

/* All of them, from now on. The kernel's text is written to meanwhile. */
void detours_switch(bool on);

#endif
